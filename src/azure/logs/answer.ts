import { isUtf8 } from 'node:buffer';
import { COLON, isContainer, OPEN_BRACKET, QUOTE, skipSpace, valueEnd } from '../../core/formats/tokens.ts';
import type { Batch, Column } from '../../core/rows.ts';
import { createInput, cut, found, type Input, malformed } from './input.ts';
import { createScanner } from './scan.ts';

/** The largest row: it must be in memory as a whole. */
const MAX_ROW_BYTES = 64 * 1024 * 1024;
/** The largest of all that stands before the rows, or behind them. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
/** Of rows so much is waited for, so that batches are worth their while. */
const BATCH_BYTES = 64 * 1024;
/** Stands for the rows where they have been cut out. */
const ROWS = 'rows go here';

/** All of an answer but its rows. Filled in while the answer is read, so that a broken one has it too. */
export interface Summary {
  /** Known before the first batch; none when there is no table. */
  columns: readonly Column[];
  /** Rows that were read whole. */
  rows: number;
  /** Of the body, decompressed, as far as it was read. */
  bytes: number;
  /** The answer's own `error`, parsed; `undefined` without one. Known behind the last batch. */
  error: unknown;
  /** The answer's own `permissions`, likewise. */
  permissions: unknown;
}

export function newSummary(): Summary {
  return { columns: [], rows: 0, bytes: 0, error: undefined, permissions: undefined };
}

/**
 * The rows of the body of an answer, `{"tables":[{"columns":[{"name","type"}...],"rows":[[cell...]...]}],"error"?}`.
 * A batch is what has arrived of rows: their cells, checked, in a buffer that is used again. What stands around the
 * rows is small and read as one JSON text. Memory is bounded by the largest row.
 * @throws AnswerError when the body is not such an answer, or not whole.
 */
export async function* readAnswer(body: AsyncIterable<Uint8Array>, summary: Summary): AsyncGenerator<Batch> {
  const input = createInput(count(body, summary));
  let start = rowsStart(input.bytes);
  while (start < 0 && (await moreText(input))) start = rowsStart(input.bytes);
  let head = '';
  if (start >= 0) {
    head = `${input.bytes.toString('latin1', 0, start)}"${ROWS}"`;
    summary.columns = parseText(head, '}]}', start).columns;
    input.at = start + 1;
    yield* readRows(input, summary);
  }
  while (await moreText(input));
  const tail = input.bytes.toString('latin1', input.at, input.end);
  const { error, permissions } = parseText(head, tail, input.base + input.at);
  Object.assign(summary, { error, permissions });
}

async function* count(body: AsyncIterable<Uint8Array>, summary: Summary): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    summary.bytes += piece.length;
    yield piece;
  }
}

function moreText(input: Input): Promise<boolean> {
  if (input.end - input.at > MAX_TEXT_BYTES)
    throw malformed(input.base + input.at, `found more than ${MAX_TEXT_BYTES} bytes that are no rows`);
  return input.more();
}

/** Where the rows of an answer begin, `{"tables":[{"rows":[`, in any order and with more around; -1 when not yet. */
function rowsStart(bytes: Buffer): number {
  let depth = 0;
  let isInTables = false;
  for (let at = skipSpace(bytes, 0); bytes[at] !== 0; at = skipSpace(bytes, at)) {
    if (bytes[at] === QUOTE) {
      const end = valueEnd(bytes, at);
      const colon = skipSpace(bytes, Math.max(end, 0));
      const isName = end >= 0 && bytes[colon] === COLON;
      const name = isName ? bytes.toString('latin1', at + 1, end - 1) : '';
      at = isName ? skipSpace(bytes, colon + 1) : end;
      if (end < 0) return -1;
      if (isName && depth === 1) isInTables = name === 'tables';
      if (isInTables && depth === 3 && name === 'rows' && bytes[at] === OPEN_BRACKET) return at;
    } else {
      if (isContainer(bytes[at])) depth += 1;
      // `}` is two above `{`, and `]` two above `[`.
      else if (isContainer((bytes[at] as number) - 2)) depth -= 1;
      at += 1;
    }
  }
  return -1;
}

async function* readRows(input: Input, summary: Summary): AsyncGenerator<Batch> {
  const scanner = createScanner(summary.columns);
  for (;;) {
    const from = input.at;
    const rows = scanner.scan(input, summary.rows);
    if (!isUtf8(input.bytes.subarray(from, input.at)))
      throw malformed(input.base + from, `found bytes that are not UTF-8 at or behind row ${summary.rows + 1}`);
    summary.rows += rows;
    if (rows > 0) yield { bytes: input.bytes, cells: scanner.cells, rows };
    if (scanner.isAtEnd) return;
    const row = `row ${summary.rows + 1}`;
    if (input.end - input.at > MAX_ROW_BYTES)
      throw malformed(
        input.base + input.at,
        `${row} is longer than ${MAX_ROW_BYTES} bytes: exclude its largest column`,
      );
    if (!(await input.more(BATCH_BYTES))) throw cut(input.base + input.end, row);
  }
}

/** What stands around the rows, as bytes. `tail` begins at `tailAt` of the body. */
function parseText(head: string, tail: string, tailAt: number): Omit<Summary, 'rows' | 'bytes'> {
  const text = Buffer.from(`${head}${tail}\0`, 'latin1');
  const position = (at: number) => (at < head.length ? at : at - head.length + tailAt);
  const length = text.length - 1;
  const end = valueEnd(text, skipSpace(text, 0));
  const at = end < 0 ? ~end : skipSpace(text, end);
  if (end < 0 && at === length) throw cut(position(at), 'the answer');
  if (at < length) throw malformed(position(at), `${found(text[at])}${end < 0 ? '' : ', expected its end'}`);
  const fail = (what: string) => malformed(position(0), what);
  if (!isUtf8(text)) throw fail('found bytes that are not UTF-8');
  const answer: unknown = JSON.parse(text.toString('utf8', 0, length));
  const { tables = [], error, permissions } = Object(answer) as Record<string, unknown>;
  if (!Array.isArray(tables)) throw fail('found tables that are no list');
  if (tables.length > 1) throw fail('found a second table, expected one');
  const columns = tables.length > 0 ? columnsOf(tables[0], head !== '', fail) : [];
  if (tables.length === 0 && (error ?? undefined) === undefined) throw fail('found neither a table nor an error');
  return { columns, error: error ?? undefined, permissions };
}

function columnsOf(
  table: { columns?: unknown; rows?: unknown },
  hasRows: boolean,
  fail: (what: string) => Error,
): Column[] {
  if (!hasRows) throw fail('found a table without rows');
  if (table.columns === undefined || table.rows !== ROWS)
    throw fail('found rows, expected the columns first and rows once');
  const columns: unknown[] = Array.isArray(table.columns) ? table.columns : [];
  const names = new Set<string>();
  const checked = (columns as Partial<Column>[]).map((column): Column => {
    const { name, type } = column ?? {};
    if (typeof name !== 'string' || typeof type !== 'string')
      throw fail(`found the column ${JSON.stringify(column)}, expected a name and a type`);
    if (names.has(name)) throw fail(`found two columns ${JSON.stringify(name)}`);
    names.add(name);
    return { name, type };
  });
  if (names.size === 0) throw fail('found no columns');
  return checked;
}
