import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Compression } from './compress.ts';

/**
 * The lines of a part, without their ends, which are line feeds and nothing else. Memory is bounded by the longest one. An
 * error of `bytes` comes out as that very error; a consumer that stops early closes `bytes` too.
 * @throws when what is compressed is damaged, or when there is no line, or no end of the last one. A part that was cut
 * between two blocks of zstd may still seem whole: whoever knows its rows must count them.
 */
export async function* readLines(bytes: AsyncIterable<Uint8Array>, kind: Compression): AsyncGenerator<string> {
  let begun: Uint8Array[] = [];
  let lines = 0;
  for await (const chunk of decompress(bytes, kind)) {
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

/** `none` is the bytes themselves. @throws when what is compressed is damaged, and what `bytes` throws. */
export function decompress(bytes: AsyncIterable<Uint8Array>, kind: Compression): AsyncIterable<Uint8Array> {
  return kind === 'none' ? bytes : decompressWith(kind === 'gzip' ? createGunzip() : createZstdDecompress(), bytes);
}

async function* decompressWith(stream: Transform, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const fed = pipeline(bytes, stream);
  // As in `compress`: it arrives through `stream` as well.
  fed.catch(() => undefined);
  yield* stream;
  await fed;
}
