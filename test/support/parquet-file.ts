import assert from 'node:assert/strict';
import { parquetMetadata } from 'hyparquet';
import { createParquet } from '../../src/core/formats/parquet/parquet.ts';
import type { Column } from '../../src/core/rows.ts';
import { rowsOf } from './batches.ts';

export const micros = createParquet({ timestamps: 'micros', compression: 'zstd' });
export const nanos = createParquet({ timestamps: 'nanos', compression: 'zstd' });
export const uncompressed = createParquet({ timestamps: 'micros', compression: 'none' });

export async function write(
  columns: readonly Column[],
  rows: Iterable<readonly string[]>,
  format = micros,
): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(format.encode(rowsOf(columns, rows))));
}

/** A part with one column of these cells, `C`. */
export async function writeColumn(type: string, cells: readonly string[], format = micros): Promise<Uint8Array> {
  return await write(
    [{ name: 'C', type }],
    cells.map((cell) => [cell]),
    format,
  );
}

/** The footer, times in units since 1970. */
export function metadataOf(file: Uint8Array) {
  const parsers = {
    timestampFromMicroseconds: (units: bigint) => units,
    timestampFromNanoseconds: (units: bigint) => units,
  };
  return parquetMetadata(new Uint8Array(file).buffer, { parsers });
}

/** Of each row group what the footer says of one column. */
export function chunksOf(file: Uint8Array, column = 0) {
  return metadataOf(file).row_groups.map(({ columns }) => {
    const chunk = columns[column]?.meta_data;
    assert.ok(chunk);
    return chunk;
  });
}
