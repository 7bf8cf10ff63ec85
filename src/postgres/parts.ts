import { formatCount } from '../core/human.ts';
import type { Part } from '../core/sink.ts';
import { formatIso, type Window } from '../core/window.ts';
import type { Database } from './connection.ts';
import { unlessMissing } from './error.ts';
import { fold, milliseconds, PART_COLUMN, qualified, quote } from './names.ts';
import { PARTS } from './schema.ts';
import { readTable } from './shape.ts';
import type { Table } from './table.ts';

const PAGE_ROWS = 1_000;
const FETCH_ROWS = 10_000;
/** Reading a part back takes a scan of the table where someone has dropped its index. */
const READ_MS = 600_000;

const SELECT =
  `select id, ${milliseconds('window_start')}, ${milliseconds('window_end')}, rows, bytes, is_late ` +
  `from ${PARTS} where export = $1`;

export async function newestPart(database: Database, exportName: string): Promise<Part | undefined> {
  // The columns that the index has, and not what is made of them.
  const newest = `${SELECT} order by _parts.window_start desc, _parts.window_end desc limit 1`;
  const [part] = await selectParts(database, exportName, newest, []);
  return part;
}

/** The parts of an export whose window begins in `hours`. */
export async function* listParts(database: Database, exportName: string, hours: Window): AsyncGenerator<Part> {
  const range = [formatIso(hours.startMs), formatIso(hours.endMs)];
  const next = `${SELECT} and window_start >= $2 and window_start < $3 and id > $4 order by id limit ${PAGE_ROWS}`;
  let last = '0';
  for (;;) {
    const page = await selectParts(database, exportName, next, [...range, last]);
    yield* page;
    if (page.length < PAGE_ROWS) return;
    last = idOf(page.at(-1)?.path ?? '');
  }
}

async function selectParts(
  database: Database,
  exportName: string,
  query: string,
  values: readonly string[],
): Promise<Part[]> {
  const answer = database.using((connection) => connection.query(query, [exportName, ...values]));
  const rows = (await unlessMissing(answer))?.rows ?? [];
  return rows.map((row) => ({
    startMs: Number(row.window_start),
    endMs: Number(row.window_end),
    rows: Number(row.rows),
    bytes: Number(row.bytes),
    path: `${exportName}/${PART_COLUMN}=${row.id}`,
    isLate: row.is_late,
  }));
}

function idOf(path: string): string {
  return path.slice(path.lastIndexOf('=') + 1);
}

/**
 * The text of one column of a part's rows; `undefined` when rows of it have been deleted.
 * @throws when there is no such column.
 */
export async function readPart(database: Database, part: Part, column: string) {
  return database.using(async (connection) => {
    const table = await readTable(connection, part.path.split('/')[0] ?? '');
    if (table === undefined || columnOf(table, PART_COLUMN) === undefined) return undefined;
    const from = `from ${qualified(table.name)} where ${quote(PART_COLUMN)} = $1`;
    const { rows } = await connection.query(`select count(*) as found ${from}`, [idOf(part.path)], READ_MS);
    if (Number(rows[0]?.found) !== part.rows) return undefined;
    return readTexts(database, `select ${textOf(table, column)} as text ${from}`, part);
  });
}

function columnOf({ columns }: Table, name: string) {
  return columns.find((column) => fold(column.name) === fold(name));
}

function textOf(table: Table, name: string): string {
  const column = columnOf(table, name);
  if (column === undefined) throw new Error(`${qualified(table.name)} has no column ${quote(fold(name))}`);
  return column.type === 'json' ? `${quote(column.name)} #>> '{}'` : `${quote(column.name)}::text`;
}

async function* readTexts(database: Database, select: string, part: Part): AsyncGenerator<string | undefined> {
  const connection = await database.begin(READ_MS);
  try {
    await connection.query(`declare texts no scroll cursor for ${select}`, [idOf(part.path)], READ_MS);
    let read = 0;
    for (;;) {
      const { rows } = await connection.query(`fetch ${FETCH_ROWS} from texts`, [], READ_MS);
      read += rows.length;
      for (const { text } of rows) yield text ?? undefined;
      if (rows.length < FETCH_ROWS) break;
    }
    if (read !== part.rows)
      throw new Error(`${part.path}: found ${formatCount(read, 'row')}, expected ${part.rows}: some were deleted`);
  } finally {
    await connection.end();
  }
}
