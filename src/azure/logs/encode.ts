import { isUtf8 } from 'node:buffer';
import { type Column, createRowWriter, type RowWriter } from '../../core/formats/lines.ts';
import { CLOSE_BRACKET, COMMA, OPEN_BRACKET, skipSpace, type Target } from '../../core/formats/tokens.ts';
import {
  type AnswerError,
  createInput,
  expectByte,
  foundAt,
  type Input,
  malformed,
  needMore,
  PIECE_BYTES,
  peekByte,
  type Reader,
  readElements,
  readMembers,
  readText,
} from './input.ts';

/** Lines are handed on in chunks of this size and a little more; a longer line is a chunk of its own. */
const CHUNK_BYTES = 256 * 1024;

/** All of an answer but its rows. Filled in while the answer is read, so that a broken one has it too. */
export interface Summary {
  columns: readonly string[];
  /** Rows that were read whole. */
  rows: number;
  /** Of the body, as far as it was read. */
  bytes: number;
  /** The answer's own `error`, parsed; `undefined` without one. */
  error: unknown;
}

export function newSummary(): Summary {
  return { columns: [], rows: 0, bytes: 0, error: undefined };
}

/**
 * Turns the body of an answer, `{"tables":[{"name","columns":[{"name","type"}...],"rows":[[cell...]...]}],"error"?}`,
 * into JSON lines, one per row. Cells are checked and copied byte for byte, only `dynamic` ones are unwrapped (see
 * `copyDynamic`). Chunks end at line ends, are never empty, belong to the consumer, and are valid UTF-8. Memory
 * is bounded by the largest row.
 * @param summary is filled in on the way; its `error` is known only after the last row.
 * @throws AnswerError when the body is not such an answer, or not whole.
 */
export async function* encode(body: AsyncIterable<Uint8Array>, summary: Summary): AsyncGenerator<Uint8Array> {
  const input = createInput();
  const reader = readAnswer(input, summary);
  for await (const piece of body) {
    summary.bytes += piece.length;
    for (let from = 0; from < piece.length; from += PIECE_BYTES) {
      input.append(piece.subarray(from, from + PIECE_BYTES));
      yield* untilStarved(reader);
    }
  }
  input.ended = true;
  yield* untilStarved(reader);
}

function* untilStarved(reader: Reader): Generator<Uint8Array> {
  for (;;) {
    const { value } = reader.next();
    if (!value) return;
    yield value;
  }
}

function* readAnswer(input: Input, summary: Summary): Reader {
  let tables = 0;
  yield* readMembers(input, function* (name) {
    if (name === 'error') summary.error = JSON.parse(yield* readText(input, 'the error'));
    else if (name !== 'tables') yield* readText(input, `the member ${JSON.stringify(name)}`);
    else
      yield* readElements(input, function* () {
        tables += 1;
        if (tables > 1) throw malformed(input, input.at, 'found a second table, expected one');
        yield* readTable(input, summary);
      });
  });
  while (!input.ended || input.at < input.end) {
    input.at = skipSpace(input.bytes, input.at);
    if (input.at < input.end) throw malformed(input, input.at, `${foundAt(input, input.at)}, expected its end`);
    if (!input.ended) yield undefined;
  }
  if (tables === 0 && !summary.error) throw malformed(input, input.at, 'found neither a table nor an error');
}

function* readTable(input: Input, summary: Summary): Reader {
  let writer: RowWriter | undefined;
  let hasRows = false;
  yield* readMembers(input, function* (name) {
    if (name === 'columns') {
      const columns = asColumns(input, JSON.parse(yield* readText(input, 'the columns')));
      summary.columns = columns.map((column) => column.name);
      writer = createRowWriter(columns);
    } else if (name === 'rows') {
      if (!writer || hasRows) throw malformed(input, input.at, 'found rows, expected the columns first and rows once');
      hasRows = true;
      yield* readRows(input, writer, summary);
    } else yield* readText(input, `the table's member ${JSON.stringify(name)}`);
  });
  if (!hasRows) throw malformed(input, input.at, 'found a table without rows');
}

function asColumns(input: Input, found: unknown): Column[] {
  const columns: unknown[] = Array.isArray(found) ? found : [];
  const names = new Set<string>();
  for (const column of columns as Partial<Column>[]) {
    if (typeof column?.name !== 'string' || typeof column.type !== 'string') {
      throw malformed(input, input.at, `found the column ${JSON.stringify(column)}, expected a name and a type`);
    }
    if (names.has(column.name)) throw malformed(input, input.at, `found two columns ${JSON.stringify(column.name)}`);
    names.add(column.name);
  }
  if (names.size === 0) throw malformed(input, input.at, 'found no columns');
  return columns as Column[];
}

function* readRows(input: Input, writer: RowWriter, summary: Summary): Reader {
  const target: Target = { bytes: new Uint8Array(2 * CHUNK_BYTES), at: 0 };
  yield* expectByte(input, OPEN_BRACKET);
  if ((yield* peekByte(input)) === CLOSE_BRACKET) {
    input.at += 1;
    return;
  }
  let isLast = false;
  while (!isLast) {
    yield* peekByte(input);
    reserve(target, input.end - input.at + writer.extraBytes);
    const before = target.at;
    const end = writer.write(input.bytes, input.at, target);
    if (end < 0) {
      target.at = before;
      if (~end < input.end) throw malformedRow(input, ~end, writer, summary);
      yield* needMore(input, `row ${summary.rows + 1}`);
      continue;
    }
    input.at = end;
    summary.rows += 1;
    if (target.at >= CHUNK_BYTES) yield takeLines(input, target, summary);
    isLast = (yield* expectByte(input, COMMA, CLOSE_BRACKET)) === CLOSE_BRACKET;
  }
  if (target.at > 0) yield takeLines(input, target, summary);
}

function reserve(target: Target, room: number): void {
  if (target.at + room <= target.bytes.length) return;
  const bytes = new Uint8Array(2 * (target.at + room));
  bytes.set(target.bytes.subarray(0, target.at));
  target.bytes = bytes;
}

/** A copy: the consumer may keep it, and `target` stays small and warm. */
function takeLines(input: Input, target: Target, summary: Summary): Uint8Array {
  const lines = target.bytes.slice(0, target.at);
  if (!isUtf8(lines))
    throw malformed(input, input.at, `found bytes that are not UTF-8 at or before row ${summary.rows}`);
  target.at = 0;
  return lines;
}

function malformedRow(input: Input, at: number, writer: RowWriter, summary: Summary): AnswerError {
  const byte = input.bytes[at];
  const name = JSON.stringify(summary.columns[writer.column]);
  const where = `row ${summary.rows + 1}, column ${name} (${writer.column + 1} of ${summary.columns.length})`;
  const isLast = writer.column === summary.columns.length - 1;
  const expected = `expected one JSON value and then ${isLast ? ']' : 'a comma'}`;
  const hint = byte === CLOSE_BRACKET || byte === COMMA ? ': fewer or more cells than columns' : '';
  return malformed(input, at, `${where}: ${foundAt(input, at)}, ${expected}${hint}`);
}
