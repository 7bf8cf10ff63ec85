import { inspect, isDeepStrictEqual } from 'node:util';
import type { LogsEmulator } from '../logs/emulator.ts';

/** Reads what an export has written as its consumers do. */
export interface SinkReader {
  /** Asks what people would ask, and shows question and answer. */
  example?(): Promise<string>;
  /** Of which rows are said to be in it. */
  readonly name: string;
  /** What a column of Logs is called here. */
  columnOf(name: string): string;
  listParts(exportName: string): Promise<PartFile[]>;
  /** The rows of one part. A time that lacks the digits behind the microseconds comes as `{ micros: text }`. */
  readRows(path: string): AsyncIterable<Row>;
}

export interface PartFile {
  readonly path: string;
  readonly bytes: number;
}

export type Row = Record<string, unknown>;

/** Logs against a sink, for one export. */
export interface Comparison {
  readonly rowsInLogs: number;
  readonly rowsInSink: number;
  readonly parts: number;
  readonly bytes: number;
  /** What is wrong, the first few; empty when every row is there exactly once, and the same. */
  readonly differences: readonly string[];
}

const DIFFERENCES_SHOWN = 5;

/** Reads every row of a table from Logs and from the sink, and compares them cell by cell. */
export async function compare(
  exportName: string,
  table: string,
  logs: LogsEmulator,
  reader: SinkReader,
): Promise<Comparison> {
  const query = `${table} | extend IngestionTime = ingestion_time(), ItemId = _ItemId`;
  const expected = new Map((await logs.query(query)).map((row): [unknown, Row] => [row.ItemId, row]));
  const rowsInLogs = expected.size;
  const differences: string[] = [];
  const parts = await reader.listParts(exportName);
  let rowsInSink = 0;
  for (const { path } of parts) {
    for await (const row of reader.readRows(path)) {
      rowsInSink += 1;
      const id = row[reader.columnOf('ItemId')];
      const difference = compareRow(expected.get(id), row, reader);
      if (difference !== undefined) differences.push(`${path}: row ${id} ${difference}`);
      expected.delete(id);
    }
  }
  for (const id of expected.keys()) differences.push(`row ${id} is not in ${reader.name}`);
  const bytes = parts.reduce((total, part) => total + part.bytes, 0);
  return { rowsInLogs, rowsInSink, parts: parts.length, bytes, differences: shorten(differences) };
}

function compareRow(expected: Row | undefined, found: Row, { name: where, columnOf }: SinkReader): string | undefined {
  if (expected === undefined) return 'is there twice, or not in Logs';
  const names = Object.keys(expected);
  if (!isDeepStrictEqual(names.map(columnOf), Object.keys(found))) return `has the columns ${Object.keys(found)}`;
  const name = names.find((column) => !isSame(expected[column], found[columnOf(column)]));
  if (name === undefined) return undefined;
  return `differs in ${name}: ${String(expected[name])} in Logs, ${inspect(found[columnOf(name)])} in ${where}`;
}

/**
 * Logs gives a dynamic value as text, a sink has it as JSON; integers beyond 2^53 are compared as the reader has them.
 */
function isSame(expected: unknown, found: unknown): boolean {
  if (expected === found) return true;
  if (typeof found === 'bigint') return String(expected) === String(found);
  if (typeof expected === 'bigint') return Number(expected) === found;
  if (typeof expected !== 'string' || typeof found === 'string' || found === null) return false;
  if (isMicros(found)) return found.micros === cutToMicros(expected);
  return isDeepStrictEqual(parseJson(expected), found);
}

/** `undefined` for what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isMicros(found: unknown): found is { readonly micros: string } {
  return typeof found === 'object' && found !== null && 'micros' in found;
}

function cutToMicros(time: string): string {
  return time.replace(/(?:\.(\d+))?Z$/, (_, fraction: string = '') => `.${fraction.slice(0, 6).padEnd(6, '0')}Z`);
}

function shorten(differences: readonly string[]): string[] {
  const more = differences.length - DIFFERENCES_SHOWN;
  return [...differences.slice(0, DIFFERENCES_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])];
}
