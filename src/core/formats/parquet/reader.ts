import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type AsyncBuffer, parquetMetadataAsync, parquetRead } from 'hyparquet';

const COMPRESSORS = {
  GZIP: (input: Uint8Array) => gunzipSync(input),
  ZSTD: (input: Uint8Array) => zstdDecompressSync(input),
};

/** Without this, a byte order mark at the begin of a string is lost. */
const PARSERS = { stringFromBytes: (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString() };

/**
 * The cells of one column of strings of a part that `createParquet` made, in their order; `undefined` is null. The footer is
 * at the end, so that all of the part is held in memory, and one row group of the column beside it.
 * @throws when there is no such column, when it is none of strings, or when this is not Parquet.
 */
export async function* readParquetColumn(
  part: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<string | undefined> {
  const bytes = Buffer.concat(await Array.fromAsync(part));
  const file: AsyncBuffer = {
    byteLength: bytes.length,
    slice: (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer,
  };
  const metadata = await parquetMetadataAsync(file);
  const type = metadata.schema.find((column, index) => index > 0 && column.name === name)?.type;
  if (type !== 'BYTE_ARRAY') {
    throw new Error(`Cannot read column ${JSON.stringify(name)}: found ${type ?? 'no such column'}, expected strings.`);
  }
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const { promise, resolve } = Promise.withResolvers<unknown[][]>();
    await parquetRead({
      ...{ file, metadata, columns: [name], rowStart, rowEnd, compressors: COMPRESSORS, parsers: PARSERS },
      onComplete: resolve,
    });
    for (const [cell] of await promise) yield typeof cell === 'string' ? cell : undefined;
    rowStart = rowEnd;
  }
}
