import type { Position, Staged } from '../sink.ts';
import { formatIso } from '../window.ts';
import { type Fields, isCount, isText, parseFields } from './fields.ts';
import { formatPosition, POSITION_VERSION, parsePosition } from './position.ts';
import type { Files } from './store.ts';

/** A home's position, and what was committed with it. Replaced as a whole; times in milliseconds since 1970 UTC. */
export interface Watermark {
  readonly position: Position;
  /** Parts that are committed and perhaps not yet published. Not empty after a run: it crashed. */
  readonly publishing: readonly CommittedPart[];
  /** Of the columns of the last part, as `_schema.json` has them; `undefined` before there was one. */
  readonly schema?: string | undefined;
  /** Counts every replacement. */
  readonly commit: number;
  /** The run that wrote this. */
  readonly runId: string;
  readonly updatedAtMs: number;
}

/** Paths are relative to the sink. */
export type CommittedPart = LakePart | BlockPart;

/** A part of a lake: the staged file with this etag becomes `path`. */
export interface LakePart extends Staged {
  readonly staged: string;
  readonly path: string;
  readonly etag: string;
}

/** A part of a flat account: these blocks, in this order, become `path`. */
export interface BlockPart extends Staged {
  readonly path: string;
  readonly blocks: readonly string[];
}

export interface StoredWatermark extends Watermark {
  /** Of the file. */
  readonly etag: string;
}

export function watermarkPath(home: string): string {
  return `${home}/_watermark.json`;
}

/** @throws when the file is there and damaged; nothing may be exported then. */
export async function readWatermark(store: Pick<Files, 'read'>, home: string): Promise<StoredWatermark | undefined> {
  const file = await store.read(watermarkPath(home));
  return file && { ...parseWatermark(file.text, home), etag: file.etag };
}

export function formatWatermark({ position, publishing, schema, commit, runId, updatedAtMs }: Watermark): string {
  const file = {
    version: POSITION_VERSION,
    ...formatPosition(position),
    publishing: publishing.map(formatPart),
    schema,
    commit,
    runId,
    updatedAt: formatIso(updatedAtMs),
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

function formatPart(part: CommittedPart): object {
  const { path, rows, bytes } = part;
  if ('blocks' in part) return { path, rows, bytes, blocks: part.blocks };
  return { staged: part.staged, path, rows, bytes, etag: part.etag };
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
  const version = fields.read('version', isVersion, `${POSITION_VERSION}`);
  const name = home.split('/')[0] ?? home;
  const exportName = fields.read('export', (value): value is string => value === name, `"${name}"`);
  return {
    position: parsePosition(fields, exportName),
    publishing: fields.list('publishing').map((part) => parsePart(part, exportName)),
    schema: fields.optional('schema', isText, 'text'),
    commit: version === 1 ? 0 : fields.read('commit', isCount, 'a whole number'),
    runId: fields.read('runId', isText, 'text'),
    updatedAtMs: fields.time('updatedAt'),
  };
}

function parsePart(fields: Fields, exportName: string): CommittedPart {
  const inExport = (value: unknown): value is string =>
    isText(value) && value.startsWith(`${exportName}/`) && !value.split('/').includes('..');
  const path = (name: string) => fields.read(name, inExport, `a path below ${exportName}/`);
  const part = {
    path: path('path'),
    rows: fields.read('rows', isCount, 'a whole number'),
    bytes: fields.read('bytes', isCount, 'a whole number'),
  };
  if (fields.has('blocks')) return { ...part, blocks: fields.read('blocks', isTexts, 'a list of block ids') };
  return { ...part, staged: path('staged'), etag: fields.read('etag', isText, 'text') };
}

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isVersion = (value: unknown): value is 1 | 2 => value === 1 || value === POSITION_VERSION;
