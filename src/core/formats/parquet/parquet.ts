import type { Batch } from '../../rows.ts';
import { sum } from '../../sum.ts';
import type { Compression } from '../compress.ts';
import type { Format } from '../format.ts';
import { newBuffered } from './buffer.ts';
import { type ColumnWriter, createColumnWriter } from './column.ts';
import { type Chunk, type FileColumn, footer, MAGIC } from './footer.ts';
import { CODECS, type Codec } from './page.ts';
import { type Timestamps, typeOf } from './types.ts';

/** Before compression. Pages end with the batch that fills them, and so do row groups. */
const PAGE_BYTES = 1024 * 1024;
const ROW_GROUP_BYTES = 32 * 1024 * 1024;

export interface ParquetOptions {
  /** What datetimes become. Many readers know no nanoseconds. */
  readonly timestamps: Timestamps;
  readonly compression: Compression;
}

/**
 * Flat Parquet: one optional column each, in the answer's order. `long` becomes INT64, `int` INT32, `real` DOUBLE, `bool`
 * BOOLEAN, `datetime` TIMESTAMP in UTC, anything else a string: the text that came, which of `dynamic` is JSON. Memory is
 * bounded by a row group and a batch.
 * @throws (while encoding) when a cell is none of its column's type; the message names it.
 */
export function createParquet({ timestamps, compression }: ParquetOptions): Format {
  return {
    extension: '.parquet',
    encode: ({ columns, batches }) =>
      encode(
        columns.map((column) => ({ ...column, stored: typeOf(column.type, timestamps) })),
        batches,
        CODECS[compression],
      ),
  };
}

async function* encode(
  columns: readonly FileColumn[],
  batches: AsyncIterable<Batch>,
  codec: Codec,
): AsyncGenerator<Uint8Array> {
  const raw = newBuffered();
  const writers = columns.map(({ stored }) => createColumnWriter(stored.createValues(), codec, raw));
  const groups: Chunk[][] = [];
  let rows = 0;
  let offset = MAGIC.length;
  function* endGroup(): Generator<Uint8Array> {
    const group: Chunk[] = [];
    for (const writer of writers) {
      const { pages, chunk } = writer.endChunk(offset);
      for (const { bytes } of pages) yield bytes;
      offset += chunk.storedBytes;
      group.push(chunk);
    }
    groups.push(group);
  }

  for await (const batch of batches) {
    // Not before the rows are open: whoever stops early closes them.
    if (rows === 0) yield Buffer.from(MAGIC);
    addBatch(batch, columns, writers, rows);
    rows += batch.rows;
    for (const writer of writers) if (writer.pageBytes >= PAGE_BYTES) writer.endPage();
    if (sum(writers, ({ chunkBytes }) => chunkBytes) >= ROW_GROUP_BYTES) yield* endGroup();
  }
  if (rows === 0) yield Buffer.from(MAGIC);
  if (writers.some(({ chunkBytes }) => chunkBytes > 0)) yield* endGroup();
  yield footer(columns, groups, codec.id);
}

/** Column by column, so that each runs in a loop of its own. */
function addBatch(
  { bytes, cells, rows }: Batch,
  columns: readonly FileColumn[],
  writers: readonly ColumnWriter[],
  rowsBefore: number,
): void {
  for (const [index, writer] of writers.entries()) {
    for (let row = 0; row < rows; row += 1) {
      const at = 2 * (row * writers.length + index);
      const [from, to] = [cells[at] as number, cells[at + 1] as number];
      if (writer.add(bytes, from, to)) continue;
      const found = Buffer.from(bytes.subarray(from, Math.min(to, from + 60))).toString();
      throw unwritable(columns, index, rowsBefore + row + 1, to - from > 60 ? `${found}...` : found);
    }
  }
}

function unwritable(columns: readonly FileColumn[], index: number, row: number, found: string): Error {
  const { name, type, stored } = columns[index] as FileColumn;
  const kqlName = /^\w+$/.test(name) ? name : `['${name}']`;
  return new Error(
    `Cannot write row ${row}, column ${JSON.stringify(name)} (${index + 1} of ${columns.length}, ${type}) as ` +
      `Parquet: found ${found}, expected ${stored.expected}. Make it a string in the export's query ` +
      `(| extend ${kqlName} = tostring(${kqlName})), or leave the column out.`,
  );
}
