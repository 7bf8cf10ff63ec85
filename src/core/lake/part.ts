import type { Part, PartKey } from '../sink.ts';
import { formatCompact, formatIso, HOUR_MS, parseCompact, type Window } from '../window.ts';
import type { Entry, Store } from './store.ts';

/**
 * `requests/y=2026/m=11/d=22/h=14/20261122T140500.000Z_20261122T141000.000Z_1234.jsonl.gz`: the hour is the window's, and
 * the name is the index. `extension` begins with a dot.
 * @param commit counts the commit that the part belongs to: a window may have late parts of several.
 */
export function partPath(exportName: string, key: PartKey, rows: number, commit: number, extension: string): string {
  const { window, bucket, isLate } = key;
  const split = bucket === undefined ? '' : `_p${bucket.index + 1}of${bucket.of}`;
  const late = isLate ? `_late${commit}` : '';
  const name = `${formatCompact(window.startMs)}_${formatCompact(window.endMs)}_${rows}${split}${late}${extension}`;
  return `${hourFolder(exportName, window.startMs)}/${name}`;
}

function hourFolder(exportName: string, ms: number): string {
  const [year, month, day, hour] = formatIso(ms).split(/[-T:]/);
  return `${exportName}/y=${year}/m=${month}/d=${day}/h=${hour}`;
}

const NAME = /^([^_]+)_([^_]+)_(\d+)(?:_p\d+of\d+)?(_late\d+)?\.(?:jsonl|json|parquet)(?:\.gz|\.zst)?$/;

/** Reads a part's name; `undefined` for any other file. */
function parsePart(entry: Entry): Part | undefined {
  const match = NAME.exec(entry.path.slice(entry.path.lastIndexOf('/') + 1));
  const startMs = parseCompact(match?.[1] ?? '');
  const endMs = parseCompact(match?.[2] ?? '');
  if (startMs === undefined || endMs === undefined) return undefined;
  const isLate = match?.[4] !== undefined;
  return { startMs, endMs, path: entry.path, bytes: entry.bytes, rows: Number(match?.[3]), isLate };
}

const LEVELS = ['y', 'm', 'd', 'h'];

/** The export's part with the latest window; `undefined` when there is none. Costs one listing per level and empty folder. */
export async function newestPart(store: Store, exportName: string): Promise<Part | undefined> {
  return newestBelow(store, exportName, LEVELS);
}

async function newestBelow(store: Store, folder: string, levels: readonly string[]): Promise<Part | undefined> {
  const entries = await Array.fromAsync(store.list(folder));
  const [level, ...below] = levels;
  if (level === undefined) {
    const parts = entries.map(parsePart).filter((part) => part !== undefined);
    return parts.sort((a, b) => b.endMs - a.endMs)[0];
  }
  const folders = entries.filter((entry) => entry.isFolder && entry.path.startsWith(`${folder}/${level}=`));
  for (const { path } of folders.sort((a, b) => (a.path < b.path ? 1 : -1))) {
    const newest = await newestBelow(store, path, below);
    if (newest !== undefined) return newest;
  }
  return undefined;
}

/** The parts of an export whose window begins in `hours`. */
export async function* listParts(store: Store, exportName: string, hours: Window): AsyncGenerator<Part> {
  for (let hourMs = Math.floor(hours.startMs / HOUR_MS) * HOUR_MS; hourMs < hours.endMs; hourMs += HOUR_MS) {
    for await (const entry of store.list(hourFolder(exportName, hourMs))) {
      const part = parsePart(entry);
      if (part !== undefined && part.startMs >= hours.startMs && part.startMs < hours.endMs) yield part;
    }
  }
}
