import { FIRST_WINDOW_MS } from '../sizing.ts';
import { formatIso, parseIso } from '../window.ts';
import { ConflictError, type Store } from './store.ts';

/** How far an export has come. Written with every commit; times in milliseconds since 1970 UTC. */
export interface Watermark {
  readonly export: string;
  /** The workspace id. */
  readonly source: string;
  /** The export's query when this was written; a file that was made by hand may lack it. */
  readonly query: string | undefined;
  /** Everything ingested before has been exported. */
  readonly exportedUntilMs: number;
  /** Parts that are committed and perhaps not yet published. Not empty after a run: it crashed. */
  readonly publishing: readonly Publishing[];
  /** The window size to try next. */
  readonly windowMs: number;
  /** The run that wrote this. */
  readonly runId: string;
  readonly updatedAtMs: number;
}

/** A committed part: the staged file with this etag becomes `path`. Paths are relative to the sink. */
export interface Publishing {
  readonly staged: string;
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  readonly etag: string;
}

export interface StoredWatermark {
  readonly watermark: Watermark;
  readonly etag: string;
  /** By the store's clock. */
  readonly modifiedMs: number;
}

const VERSION = 1;

export function watermarkPath(exportName: string): string {
  return `${exportName}/_watermark.json`;
}

export function stagingFolder(exportName: string): string {
  return `${exportName}/_staging`;
}

/** @throws when the file is there and damaged; nothing may be exported then. */
export async function readWatermark(store: Store, exportName: string): Promise<StoredWatermark | undefined> {
  const path = watermarkPath(exportName);
  const file = await store.read(path);
  if (file === undefined) return undefined;
  return { watermark: parseWatermark(file.text, exportName), etag: file.etag, modifiedMs: file.modifiedMs };
}

/** What begins an export: its name, its source and where it starts. */
export interface Start {
  readonly name: string;
  readonly source: string;
  readonly query: string;
  readonly atMs: number;
  readonly runId: string;
  readonly nowMs: number;
}

/** Creates a watermark where there is none; `false` when there is one already, perhaps made by an earlier attempt. */
export async function startWatermark(store: Store, start: Start): Promise<boolean> {
  const watermark: Watermark = {
    export: start.name,
    source: start.source,
    query: start.query,
    exportedUntilMs: start.atMs,
    publishing: [],
    windowMs: FIRST_WINDOW_MS,
    runId: start.runId,
    updatedAtMs: start.nowMs,
  };
  const folder = `${stagingFolder(start.name)}/${start.runId}`;
  try {
    await store.replace(watermarkPath(start.name), formatWatermark(watermark), undefined, `${folder}/start.staged`);
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  } finally {
    await store.remove(folder).catch(() => undefined); // a later sweep takes what stays
  }
}

export function formatWatermark(watermark: Watermark): string {
  const file = {
    version: VERSION,
    export: watermark.export,
    source: watermark.source,
    query: watermark.query,
    exportedUntil: formatIso(watermark.exportedUntilMs),
    publishing: watermark.publishing,
    windowMs: watermark.windowMs,
    runId: watermark.runId,
    updatedAt: formatIso(watermark.updatedAtMs),
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

/** @throws naming the field, what was found, and what to do. */
function parseWatermark(text: string, exportName: string): Watermark {
  const fail = (found: string, expected: string, cause?: unknown): never => {
    throw new Error(
      `${watermarkPath(exportName)}: found ${found}, expected ${expected}. Nothing was exported or changed. ` +
        `Restore the file, or set the export back (README, "Set an export back")`,
      { cause },
    );
  };
  const field = <T>(name: string, value: unknown, valid: (value: unknown) => value is T, expected: string): T =>
    valid(value) ? value : fail(`"${name}": ${shorten(JSON.stringify(value))}`, expected);
  const time = (name: string, value: unknown): number =>
    parseIso(field(name, value, isTime, 'a UTC time of at most milliseconds, such as "2026-11-22T14:05:00.000Z"')) ?? 0;

  const file = parseObject(text, fail);
  field('version', file.version, (value): value is number => value === VERSION, `${VERSION}`);
  field('export', file.export, (value): value is string => value === exportName, `"${exportName}"`);
  const inExport = (value: unknown): value is string =>
    isText(value) && value.startsWith(`${exportName}/`) && !value.split('/').includes('..');
  const publishing = field('publishing', file.publishing, Array.isArray, 'a list').map((item: unknown) => {
    const entry = field('publishing', item, isObject, 'a list of objects');
    return {
      staged: field('publishing[].staged', entry.staged, inExport, `a path below ${exportName}/`),
      path: field('publishing[].path', entry.path, inExport, `a path below ${exportName}/`),
      rows: field('publishing[].rows', entry.rows, isCount, 'a whole number'),
      bytes: field('publishing[].bytes', entry.bytes, isCount, 'a whole number'),
      etag: field('publishing[].etag', entry.etag, isText, 'text'),
    };
  });
  return {
    export: exportName,
    source: field('source', file.source, isText, 'the workspace id'),
    query: file.query === undefined ? undefined : field('query', file.query, isText, 'the query'),
    exportedUntilMs: time('exportedUntil', file.exportedUntil),
    publishing,
    windowMs: field('windowMs', file.windowMs, isSize, 'a whole number of milliseconds, 1 or more'),
    runId: field('runId', file.runId, isText, 'text'),
    updatedAtMs: time('updatedAt', file.updatedAt),
  };
}

function parseObject(text: string, fail: (found: string, expected: string, cause?: unknown) => never) {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, '')); // editors on Windows put a byte order mark there
  } catch (cause) {
    return fail(`${text.length} characters that are not JSON: ${shorten(text)}`, 'a JSON object', cause);
  }
  return isObject(value) ? value : fail(shorten(text), 'a JSON object');
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTime = (value: unknown): value is string => isText(value) && parseIso(value) !== undefined;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isSize = (value: unknown): value is number => isCount(value) && value >= 1;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function shorten(text: string | undefined): string {
  const shown = text ?? 'nothing';
  return shown.length > 80 ? `${shown.slice(0, 80)}...` : shown;
}
