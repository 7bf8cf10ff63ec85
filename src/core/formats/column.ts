import { decompress } from './compress.ts';

/**
 * The cells of one column of strings, read back from a part as it is stored, in their order; `undefined` is null. The
 * end of its path tells the format, for an export may have had another one before. Memory is bounded by the longest
 * row, but for Parquet. An error of `content` comes out as that very error; a consumer that stops early closes it too.
 * @throws when there is no such column, a cell is no string, or the part is damaged. One that was cut between two
 * blocks of zstd may still seem whole: whoever knows its rows must count them.
 */
export async function* readColumn(
  path: string,
  content: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<string | undefined, void> {
  const [, format] = /\.(jsonl|json)(?:\.gz|\.zst)?$/.exec(path) ?? [];
  if (format === undefined) return yield* (await import('./parquet/reader.ts')).readParquetColumn(content, name);
  const lines = readLines(decompress(path, content));
  let row = 0;
  for await (const cell of format === 'jsonl' ? cellsOfLines(lines, name) : cellsOfColumnsRows(lines, name)) {
    row += 1;
    yield asText(cell, name, row);
  }
}

/** Of a part that `createLines` made. */
async function* cellsOfLines(lines: AsyncIterable<string>, name: string): AsyncGenerator<unknown> {
  for await (const line of lines) {
    const cells: Record<string, unknown> = JSON.parse(line);
    yield Object.hasOwn(cells, name) ? cells[name] : undefined;
  }
}

/** Of a part that `createColumnsRows` made: a line with the columns, one for each row, and one with the end. */
async function* cellsOfColumnsRows(lines: AsyncIterable<string>, name: string): AsyncGenerator<unknown> {
  let column: number | undefined;
  let rows = 0;
  let hasEnd = false;
  for await (const line of lines) {
    if (column === undefined) column = (JSON.parse(`${line}]}`) as { columns: string[] }).columns.indexOf(name);
    else if (line === ']}') hasEnd = true;
    else {
      rows += 1;
      const cells: unknown[] = JSON.parse(line.endsWith(',') ? line.slice(0, -1) : line);
      yield cells[column];
    }
  }
  if (!hasEnd) throw new Error(`The part ends behind row ${rows}: found no end of its rows, expected ]}.`);
}

function asText(cell: unknown, name: string, row: number): string | undefined {
  if (typeof cell === 'string') return cell;
  if (cell === null) return undefined;
  const found = cell === undefined ? 'no such column' : `a ${typeof cell}`;
  throw new Error(
    `Cannot read column ${JSON.stringify(name)} of row ${row}: found ${found}, expected a string or null.`,
  );
}

/**
 * Lines without their ends, which are line feeds and nothing else.
 * @throws when there is no line, or no end of the last one.
 */
async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let begun: Uint8Array[] = [];
  let lines = 0;
  for await (const chunk of bytes) {
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      yield Buffer.concat([...begun, chunk.subarray(from, end)]).toString();
      begun = [];
      from = end + 1;
      lines += 1;
    }
    if (from < chunk.length) begun.push(chunk.slice(from));
  }
  if (begun.length > 0 || lines === 0) {
    throw new Error(`The part ends in the middle of line ${lines + 1}, expected a line feed. It is not whole.`);
  }
}
