import type { Compression } from './compress.ts';
import { readLines } from './line-reader.ts';

/*
 * The cells of one column of strings, read back from a part as it is stored, in their order; `undefined` is null. They
 * throw when there is no such column or a cell is no string. Memory is bounded by the longest row.
 */

/** Of a part that `createLines` made. */
export async function* readLinesColumn(
  part: AsyncIterable<Uint8Array>,
  compression: Compression,
  name: string,
): AsyncGenerator<string | undefined> {
  let row = 0;
  for await (const line of readLines(part, compression)) {
    row += 1;
    const cells: Record<string, unknown> = JSON.parse(line);
    yield asText(Object.hasOwn(cells, name) ? cells[name] : undefined, name, row);
  }
}

/** Of a part that `createColumnsRows` made: its first line has the columns, each other one a row, and the last one the end. */
export async function* readColumnsRowsColumn(
  part: AsyncIterable<Uint8Array>,
  compression: Compression,
  name: string,
): AsyncGenerator<string | undefined> {
  let column: number | undefined;
  let row = 0;
  let hasEnd = false;
  for await (const line of readLines(part, compression)) {
    if (column === undefined) column = (JSON.parse(`${line}]}`) as { columns: string[] }).columns.indexOf(name);
    else if (line === ']}') hasEnd = true;
    else {
      row += 1;
      const cells: unknown[] = JSON.parse(line.endsWith(',') ? line.slice(0, -1) : line);
      yield asText(cells[column], name, row);
    }
  }
  if (!hasEnd) throw new Error(`The part ends behind row ${row}: found no end of its rows, expected ]}.`);
}

function asText(cell: unknown, name: string, row: number): string | undefined {
  if (typeof cell === 'string') return cell;
  if (cell === null) return undefined;
  const found = cell === undefined ? 'no such column' : `a ${typeof cell}`;
  throw new Error(
    `Cannot read column ${JSON.stringify(name)} of row ${row}: found ${found}, expected a string or null.`,
  );
}
