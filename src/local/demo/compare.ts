import { isDeepStrictEqual } from 'node:util';
import type { LogsEmulator } from '../logs/emulator.ts';
import type { createLakeReader } from './lake-reader.ts';

/** Logs against the lake, for one export. */
export interface Comparison {
  readonly exportName: string;
  readonly rowsInLogs: number;
  readonly rowsInLake: number;
  readonly parts: number;
  readonly bytes: number;
  /** What is wrong, the first few; empty when every row is there exactly once, and the same. */
  readonly differences: readonly string[];
}

type Row = Record<string, unknown>;

const DIFFERENCES_SHOWN = 5;

/** Reads every row of a table from Logs and from the lake, and compares them cell by cell. */
export async function compare(
  exportName: string,
  table: string,
  logs: LogsEmulator,
  lake: ReturnType<typeof createLakeReader>,
): Promise<Comparison> {
  const query = `${table} | extend IngestionTime = ingestion_time(), ItemId = _ItemId`;
  const expected = new Map((await logs.query(query)).map((row): [unknown, Row] => [row.ItemId, row]));
  const rowsInLogs = expected.size;
  const differences: string[] = [];
  const parts = await lake.listParts(exportName);
  let rowsInLake = 0;
  for (const { path } of parts) {
    for await (const row of lake.readRows(path)) {
      rowsInLake += 1;
      const difference = compareRow(expected.get(row.ItemId), row);
      if (difference !== undefined) differences.push(`${path}: row ${row.ItemId} ${difference}`);
      expected.delete(row.ItemId);
    }
  }
  for (const id of expected.keys()) differences.push(`row ${id} is not in the lake`);
  const bytes = parts.reduce((total, part) => total + part.bytes, 0);
  return { exportName, rowsInLogs, rowsInLake, parts: parts.length, bytes, differences: shorten(differences) };
}

function compareRow(expected: Row | undefined, found: Row): string | undefined {
  if (expected === undefined) return 'is there twice, or not in Logs';
  const names = Object.keys(expected);
  if (!isDeepStrictEqual(names, Object.keys(found))) return `has the columns ${Object.keys(found)}`;
  const name = names.find((column) => !isSame(expected[column], found[column]));
  return name && `differs in ${name}: ${String(expected[name])} in Logs, ${JSON.stringify(found[name])} in the lake`;
}

/**
 * Logs gives a dynamic value as text, the lake has it as JSON; integers beyond 2^53 are compared as JavaScript sees
 * them.
 */
function isSame(expected: unknown, found: unknown): boolean {
  if (expected === found) return true;
  if (typeof expected === 'bigint') return Number(expected) === found;
  return typeof expected === 'string' && typeof found !== 'string' && isDeepStrictEqual(JSON.parse(expected), found);
}

function shorten(differences: readonly string[]): string[] {
  const more = differences.length - DIFFERENCES_SHOWN;
  return [...differences.slice(0, DIFFERENCES_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])];
}
