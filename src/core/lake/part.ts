import { dirname } from 'node:path/posix';
import type { Part, PartKey } from '../sink.ts';
import { DAY_MS, formatCompact, formatIso, hourOf, parseCompact, type Window } from '../window.ts';
import type { Entry, Files } from './store.ts';

/**
 * `requests/y=2026/m=11/d=22/h=14/20261122T140500.000Z_20261122T141000.000Z_1234.jsonl.gz`: the hour is the window's, and
 * the name is the index. `extension` begins with a dot.
 * @param rows `undefined` where they are not in the name, which then comes before them.
 * @param commit counts the commit that the part belongs to: a window may have late parts of several.
 */
export function partPath(
  exportName: string,
  key: PartKey,
  rows: number | undefined,
  commit: number,
  extension: string,
): string {
  const { window, bucket, isLate } = key;
  const split = bucket === undefined ? '' : `_p${bucket.index + 1}of${bucket.of}`;
  const late = isLate ? `_late${commit}` : '';
  const count = rows === undefined ? '' : `_${rows}`;
  const span = `${formatCompact(window.startMs)}_${formatCompact(window.endMs)}`;
  return `${hourFolder(exportName, window.startMs)}/${span}${count}${split}${late}${extension}`;
}

function hourFolder(exportName: string, ms: number): string {
  const [year, month, day, hour] = formatIso(ms).split(/[-T:]/);
  return `${exportName}/y=${year}/m=${month}/d=${day}/h=${hour}`;
}

const NAME = /^([^_]+)_([^_]+)(?:_(\d+))?(?:_p\d+of\d+)?(_late\d+)?\.(?:jsonl|json|parquet)(?:\.gz|\.zst)?$/;

/** Reads a part's name; `undefined` for any other file. */
function parsePart(entry: Entry): Part | undefined {
  const match = NAME.exec(entry.path.slice(entry.path.lastIndexOf('/') + 1));
  const startMs = parseCompact(match?.[1] ?? '');
  const endMs = parseCompact(match?.[2] ?? '');
  const rows = match?.[3] ?? entry.rows;
  if (startMs === undefined || endMs === undefined || rows === undefined) return undefined;
  const isLate = match?.[4] !== undefined;
  return { startMs, endMs, path: entry.path, bytes: entry.bytes, rows: Number(rows), isLate };
}

/**
 * The export's part with the latest window; `undefined` when there is none. Costs a listing for years, months and days, one
 * of the last day, and where that is empty (a lifecycle policy leaves folders) one for each month.
 */
export async function newestPart(store: Files, exportName: string): Promise<Part | undefined> {
  for (const year of await foldersIn(store, exportName, 'y')) {
    for (const month of await foldersIn(store, year, 'm')) {
      const [day] = await foldersIn(store, month, 'd');
      const ofDay = day === undefined ? undefined : await newestIn(store, day);
      const newest = ofDay ?? (await newestIn(store, month));
      if (newest !== undefined) return newest;
    }
  }
  return undefined;
}

/** Newest first. */
async function foldersIn(store: Files, folder: string, level: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path, isFolder } of store.list(folder)) {
    if (isFolder && path.startsWith(`${folder}/${level}=`)) paths.push(path);
  }
  return paths.sort().reverse();
}

async function newestIn(store: Files, folder: string): Promise<Part | undefined> {
  let newest: Part | undefined;
  for await (const entry of store.list(folder, { recursive: true })) {
    const part = parsePart(entry);
    if (part !== undefined && part.endMs > (newest?.endMs ?? 0)) newest = part;
  }
  return newest;
}

/** The parts of an export whose window begins in `hours`: a listing for an hour, or for each day. */
export async function* listParts(store: Files, exportName: string, hours: Window): AsyncGenerator<Part> {
  const isOneHour = hourOf(hours.startMs) === hourOf(hours.endMs - 1);
  for (let ms = hours.startMs; ms < hours.endMs; ms = (Math.floor(ms / DAY_MS) + 1) * DAY_MS) {
    const folder = isOneHour ? hourFolder(exportName, ms) : dirname(hourFolder(exportName, ms));
    for await (const entry of store.list(folder, { recursive: true })) {
      const part = parsePart(entry);
      if (part !== undefined && part.startMs >= hours.startMs && part.startMs < hours.endMs) yield part;
    }
  }
}
