import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import type { Chunks } from './chunks.ts';

export type Compression = 'gzip' | 'none' | 'zstd';

/**
 * Compresses lines, with backpressure. An error of `lines` comes out as that very error; a consumer that stops early
 * closes `lines` too. `none` is `lines` itself.
 * @param chunks is given those of `lines` back once they are compressed.
 */
export function compress(
  lines: AsyncIterable<Uint8Array>,
  kind: Compression,
  chunks?: Pick<Chunks, 'give'>,
): AsyncIterable<Uint8Array> {
  if (kind === 'none') return lines;
  const stream = kind === 'gzip' ? newGzip() : newZstd();
  return compressWith(stream, chunks === undefined ? lines : giveBack(lines, stream, chunks));
}

/** Zlib works in another thread: some chunks of lines may wait for it, so that it hardly ever waits. */
const STREAM_OPTIONS = { writableHighWaterMark: 1024 * 1024, readableHighWaterMark: 128 * 1024, chunkSize: 128 * 1024 };

/** Level 1: more than twice as fast as the default level, for files about a quarter larger. */
function newGzip(): Transform {
  return createGzip({ ...STREAM_OPTIONS, level: 1 });
}

function newZstd(): Transform {
  return createZstdCompress({ ...STREAM_OPTIONS, params: { [constants.ZSTD_c_compressionLevel]: 3 } });
}

async function* compressWith(stream: Transform, lines: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const fed = pipeline(lines, stream);
  // Its error arrives through `stream` as well. A consumer that stops early makes an error here that nobody needs.
  fed.catch(() => undefined);
  yield* stream;
  await fed;
}

/** They are compressed in their order: what the stream still holds are the last ones. */
async function* giveBack(
  lines: AsyncIterable<Uint8Array>,
  stream: Transform,
  chunks: Pick<Chunks, 'give'>,
): AsyncGenerator<Uint8Array> {
  const sent: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of lines) {
    sent.push(chunk);
    bytes += chunk.length;
    yield chunk;
    for (let first = sent[0]; first !== undefined && bytes - first.length >= stream.writableLength; first = sent[0]) {
      bytes -= first.length;
      chunks.give(first);
      sent.shift();
    }
  }
}
