import { createColumnsRows } from './columns-rows.ts';
import type { Compression } from './compress.ts';
import type { Format } from './format.ts';
import { createLines } from './lines.ts';

/** The formats of parts, by the names that the settings have for them. */
export const FORMATS = ['jsonl', 'parquet', 'parquet-nanos', 'columns-rows'] as const;
export type FormatName = (typeof FORMATS)[number];

export async function openFormat(name: FormatName, compression: Compression): Promise<Format> {
  if (name === 'jsonl') return createLines(compression);
  if (name === 'columns-rows') return createColumnsRows(compression);
  const { createParquet } = await import('./parquet/parquet.ts');
  return createParquet({ timestamps: name === 'parquet' ? 'micros' : 'nanos', compression });
}
