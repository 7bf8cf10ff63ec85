import type { Look, Position, Staged } from '../sink.ts';
import { formatIso } from '../window.ts';
import { formatBackfill, formatClaim, parseBackfill, parseClaim } from './claims.ts';
import { type Fields, isCount, isFlag, isObject, isSize, isText, parseFields } from './fields.ts';
import type { Store } from './store.ts';

/** A home's position, and what was committed with it. Replaced as a whole; times in milliseconds since 1970 UTC. */
export interface Watermark {
  readonly position: Position;
  /** Parts that are committed and perhaps not yet published. Not empty after a run: it crashed. */
  readonly publishing: readonly LakePart[];
  /** Counts every replacement. */
  readonly commit: number;
  /** The run that wrote this. */
  readonly runId: string;
  readonly updatedAtMs: number;
}

/** A part of a lake: the staged file with this etag becomes `path`. Paths are relative to the sink. */
export interface LakePart extends Staged {
  readonly staged: string;
  readonly path: string;
  readonly etag: string;
}

export interface StoredWatermark extends Watermark {
  /** Of the file. */
  readonly etag: string;
}

const VERSION = 2;

export function watermarkPath(home: string): string {
  return `${home}/_watermark.json`;
}

/** @throws when the file is there and damaged; nothing may be exported then. */
export async function readWatermark(store: Store, home: string): Promise<StoredWatermark | undefined> {
  const file = await store.read(watermarkPath(home));
  return file && { ...parseWatermark(file.text, home), etag: file.etag };
}

export function formatWatermark({ position, publishing, commit, runId, updatedAtMs }: Watermark): string {
  const { exportedFromMs } = position;
  const file = {
    version: VERSION,
    export: position.export,
    source: position.source,
    query: position.query,
    exportedFrom: exportedFromMs === undefined ? undefined : formatIso(exportedFromMs),
    exportedUntil: formatIso(position.exportedUntilMs),
    publishing: publishing.map(({ staged, path, rows, bytes, etag }) => ({ staged, path, rows, bytes, etag })),
    claims: position.claims.map(formatClaim),
    backfills: position.backfills.map(formatBackfill),
    windowMs: position.windowMs,
    look: position.look,
    commit,
    runId,
    updatedAt: formatIso(updatedAtMs),
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

/** @throws naming the field, what was found, and what to do. */
function parseWatermark(text: string, home: string): Watermark {
  const fields = parseFields(
    text,
    (found, expected, cause) =>
      new Error(
        `${watermarkPath(home)}: found ${found}, expected ${expected}. Nothing was exported or changed. Restore the file, ` +
          'or set the export back (README, "Set an export back")',
        { cause },
      ),
  );
  // The first version has no counter, and begins to count with the next replacement.
  const version = fields.read('version', isVersion, `${VERSION}`);
  const name = home.split('/')[0] ?? home;
  const exportName = fields.read('export', (value): value is string => value === name, `"${name}"`);
  return {
    position: parsePosition(fields, exportName),
    publishing: fields.list('publishing').map((part) => parsePart(part, exportName)),
    commit: version === 1 ? 0 : fields.read('commit', isCount, 'a whole number'),
    runId: fields.read('runId', isText, 'text'),
    updatedAtMs: fields.time('updatedAt'),
  };
}

function parsePosition(fields: Fields, exportName: string): Position {
  return {
    export: exportName,
    source: fields.read('source', isText, 'the workspace id'),
    // A file that was made by hand may lack it.
    query: fields.optional('query', isText, 'the query'),
    exportedFromMs: fields.has('exportedFrom') ? fields.time('exportedFrom') : undefined,
    exportedUntilMs: fields.time('exportedUntil'),
    windowMs: fields.read('windowMs', isSize, 'a whole number of milliseconds, 1 or more'),
    look: fields.optional('look', isLook, 'the names of the columns that are added'),
    claims: fields.has('claims') ? fields.list('claims').map(parseClaim) : [],
    backfills: fields.has('backfills') ? fields.list('backfills').map(parseBackfill) : [],
  };
}

function parsePart(fields: Fields, exportName: string): LakePart {
  const inExport = (value: unknown): value is string =>
    isText(value) && value.startsWith(`${exportName}/`) && !value.split('/').includes('..');
  const path = (name: string) => fields.read(name, inExport, `a path below ${exportName}/`);
  return {
    staged: path('staged'),
    path: path('path'),
    rows: fields.read('rows', isCount, 'a whole number'),
    bytes: fields.read('bytes', isCount, 'a whole number'),
    etag: fields.read('etag', isText, 'text'),
  };
}

const isVersion = (value: unknown): value is 1 | 2 => value === 1 || value === VERSION;

const isLook = (value: unknown): value is Look =>
  isObject(value) &&
  (value.itemId === undefined || isText(value.itemId)) &&
  isText(value.ingestionTime) &&
  isFlag(value.proven);
