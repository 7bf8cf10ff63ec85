import { CLOSE_BRACKET, COMMA, OPEN_BRACKET, skipSpace, valueEnd } from '../../core/formats/tokens.ts';
import type { Column } from '../../core/rows.ts';
import { type AnswerError, found, type Input, malformed } from './input.ts';

export interface Scanner {
  /** As a batch has them, of the rows of the last `scan`. */
  cells: Int32Array;
  /** The bracket behind the last row has been read. */
  isAtEnd: boolean;
  /** Reads all rows that are whole and returns how many. `before` of them came earlier. */
  scan(input: Input, before: number): number;
}

/** Finds the cells of rows, `[cell,...]` after `[cell,...]`, behind the bracket in front of the first. */
export function createScanner(columns: readonly Column[]): Scanner {
  const width = 2 * columns.length;
  const scanner: Scanner = {
    cells: new Int32Array(64 * width),
    isAtEnd: false,
    scan(input, before) {
      const { bytes } = input;
      for (let rows = 0; ; rows += 1) {
        if (scanner.cells.length < (rows + 1) * width) {
          const { cells } = scanner;
          scanner.cells = new Int32Array(2 * cells.length);
          scanner.cells.set(cells);
        }
        let at = skipSpace(bytes, input.at);
        if (bytes[at] === CLOSE_BRACKET) {
          input.at = at + 1;
          scanner.isAtEnd = true;
          return rows;
        }
        const isFirst = before + rows === 0;
        if (bytes[at] === COMMA && !isFirst) at = skipSpace(bytes, at + 1);
        else if (!isFirst && at < input.end)
          throw malformed(input.base + at, `${found(bytes[at])} behind row ${before + rows}, expected , or ]`);
        const end = rowEnd(bytes, at, scanner.cells, rows * width, width);
        if (end < 0 && ~end < input.end) throw malformedRow(input, ~end, before + rows + 1, columns);
        if (end < 0) return rows;
        input.at = end;
      }
    },
  };
  return scanner;
}

/** Of the row that was read last: `rowEnd` has two results, and makes no object for them. */
let lastColumn = 0;

/** Reads the row at `start` and writes where its cells are to `cells`, from `first` on. Returns what a token does. */
function rowEnd(source: Uint8Array, start: number, cells: Int32Array, first: number, width: number): number {
  lastColumn = 0;
  if (source[start] !== OPEN_BRACKET) return ~start;
  let at = start;
  for (let cell = first; ; cell += 2) {
    // `at` is the bracket or the comma before the cell.
    at = skipSpace(source, at + 1);
    cells[cell] = at;
    at = valueEnd(source, at);
    if (at < 0) return at;
    cells[cell + 1] = at;
    at = skipSpace(source, at);
    const isLast = lastColumn === width / 2 - 1;
    if (source[at] !== (isLast ? CLOSE_BRACKET : COMMA)) return ~at;
    if (isLast) return at + 1;
    lastColumn += 1;
  }
}

function malformedRow({ bytes, base }: Input, at: number, row: number, columns: readonly Column[]): AnswerError {
  const name = JSON.stringify(columns[lastColumn]?.name);
  const where = `row ${row}, column ${name} (${lastColumn + 1} of ${columns.length})`;
  const expected = `expected one JSON value and then ${lastColumn === columns.length - 1 ? ']' : 'a comma'}`;
  const isShort = bytes[at] === CLOSE_BRACKET || bytes[at] === COMMA;
  const hint = isShort ? ': fewer or more cells than columns' : '';
  return malformed(base + at, `${where}: ${found(bytes[at])}, ${expected}${hint}`);
}
