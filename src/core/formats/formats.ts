import { createColumnsRows } from './columns-rows.ts';
import type { Compression } from './compress.ts';
import type { Format } from './format.ts';
import { createLines } from './lines.ts';

/** The formats of parts, by the names that the settings have for them. */
export const FORMATS = ['jsonl', 'parquet', 'parquet-nanos', 'columns-rows'] as const;
export type FormatName = (typeof FORMATS)[number];

/** @param compression by default gzip, and zstd for Parquet. */
export async function openFormat(name: FormatName, compression: Compression | undefined): Promise<Format> {
  if (name === 'jsonl') return createLines(compression ?? 'gzip');
  if (name === 'columns-rows') return createColumnsRows(compression ?? 'gzip');
  const { createParquet } = await import('./parquet/parquet.ts');
  const timestamps = name === 'parquet' ? 'micros' : 'nanos';
  return createParquet({ timestamps, compression: compression ?? 'zstd' });
}
