import type { Batch } from '../../rows.ts';
import type { Compression } from '../compress.ts';
import type { Format } from '../format.ts';
import { newBuffered } from './buffer.ts';
import { type Chunk, type ColumnWriter, createColumnWriter } from './column.ts';
import { type FileColumn, footer, MAGIC, type StoredChunk } from './metadata.ts';
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
        columns.map(({ name, type }) => ({ name, kustoType: type, type: typeOf(type, timestamps) })),
        batches,
        CODECS[compression],
      ),
  };
}

interface EncodedColumn extends FileColumn {
  readonly kustoType: string;
}

async function* encode(
  columns: readonly EncodedColumn[],
  batches: AsyncIterable<Batch>,
  codec: Codec,
): AsyncGenerator<Uint8Array> {
  const raw = newBuffered();
  const writers = columns.map(({ type }) => createColumnWriter(type.createValues(), codec, raw));
  const groups: StoredChunk[][] = [];
  let rows = 0;
  let offset = 0;
  function* begin(): Generator<Uint8Array> {
    offset = MAGIC.length;
    yield Buffer.from(MAGIC);
  }
  function* endGroup(): Generator<Uint8Array> {
    if (offset === 0) yield* begin();
    const group: StoredChunk[] = [];
    for (const writer of writers) {
      const chunk = writer.endChunk();
      for (const { bytes } of chunk.pages) yield bytes;
      const stored = located(chunk, offset);
      offset += stored.storedBytes;
      group.push(stored);
    }
    groups.push(group);
  }

  // Nothing is given out before the rows are open: whoever stops early closes them.
  for await (const batch of batches) {
    addBatch(batch, columns, writers, rows);
    rows += batch.rows;
    for (const writer of writers) if (writer.pageBytes >= PAGE_BYTES) writer.endPage();
    if (writers.reduce((sum, { chunkBytes }) => sum + chunkBytes, 0) >= ROW_GROUP_BYTES) yield* endGroup();
  }
  if (writers.some(({ chunkBytes }) => chunkBytes > 0)) yield* endGroup();
  if (offset === 0) yield* begin();
  yield footer(columns, groups, codec.id);
}

/** Column by column, so that each runs in a loop of its own. */
function addBatch(
  { bytes, cells, rows }: Batch,
  columns: readonly EncodedColumn[],
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

function unwritable(columns: readonly EncodedColumn[], index: number, row: number, found: string): Error {
  const { name, kustoType, type } = columns[index] as EncodedColumn;
  return new Error(
    `Cannot write row ${row}, column ${JSON.stringify(name)} (${index + 1} of ${columns.length}, ${kustoType}) as ` +
      `Parquet: found ${found}, expected ${type.expected}. Make it a string in the export's query ` +
      `(| extend ${name} = tostring(${name})), or leave the column out.`,
  );
}

function located({ pages, dictionary, ...chunk }: Chunk, start: number): StoredChunk {
  return {
    ...chunk,
    rawBytes: pages.reduce((sum, { rawBytes }) => sum + rawBytes, 0),
    storedBytes: pages.reduce((sum, { bytes }) => sum + bytes.length, 0),
    dictionaryAt: dictionary && start,
    dataAt: start + (dictionary && pages[0] ? pages[0].bytes.length : 0),
  };
}
