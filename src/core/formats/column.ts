import { readColumnsRowsColumn, readLinesColumn } from './column-readers.ts';
import type { Compression } from './compress.ts';
import { decompress } from './line-reader.ts';

const COMPRESSIONS: Readonly<Record<string, Compression>> = { gz: 'gzip', zst: 'zstd' };

/** The lines of a part as it is stored, not compressed any more; the end of its path tells how it is. */
export function readPlain(path: string, content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const [, end = ''] = /\.(gz|zst)$/.exec(path) ?? [];
  return decompress(content, COMPRESSIONS[end] ?? 'none');
}

/**
 * The cells of one column of strings, read back from a part as it is stored; `undefined` is null. The end of its path
 * tells the format, for an export may have had another one before.
 * @throws when there is no such column, or the part is damaged.
 */
export async function* readColumn(
  path: string,
  content: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<string | undefined> {
  const [, format, end = ''] = /\.(jsonl|json|parquet)(?:\.(gz|zst))?$/.exec(path) ?? [];
  const compression = COMPRESSIONS[end] ?? 'none';
  if (format === 'jsonl') yield* readLinesColumn(content, compression, name);
  else if (format === 'json') yield* readColumnsRowsColumn(content, compression, name);
  else yield* (await import('./parquet/reader.ts')).readParquetColumn(content, name);
}
