import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Compression } from '../compress.ts';
import { dataPageHeader, dictionaryPageHeader } from './metadata.ts';

/** Of a page's body. */
export interface Codec {
  /** Parquet's own number. */
  readonly id: number;
  compress(raw: Uint8Array): Uint8Array;
}

/** Zlib gives out its result in buffers of this size. */
const chunkSize = (raw: Uint8Array) => Math.min(256 * 1024, 64 + raw.length);

/*
 * In this thread: a page of 1 MB takes milliseconds, and the way to another thread and back costs more than it saves, in
 * time and in memory. The size of a page stands in its frame, whose window need not be larger then.
 */
export const CODECS: Readonly<Record<Compression, Codec>> = {
  none: { id: 0, compress: (raw) => raw },
  gzip: { id: 2, compress: (raw) => gzipSync(raw, { level: 1, chunkSize: chunkSize(raw) }) },
  zstd: {
    id: 6,
    compress: (raw) =>
      zstdCompressSync(raw, {
        chunkSize: chunkSize(raw),
        pledgedSrcSize: raw.length,
        params: { [constants.ZSTD_c_compressionLevel]: 3 },
      }),
  },
};

/** A page as it is stored, its header first. */
export interface Page {
  readonly bytes: Uint8Array;
  /** With the body as it was before compression. */
  readonly rawBytes: number;
}

/** @param values how many, nulls included. */
export function makeDataPage(raw: Uint8Array, values: number, encoding: number, codec: Codec): Page {
  const body = codec.compress(raw);
  return makePage(raw, body, dataPageHeader({ values, rawBytes: raw.length, storedBytes: body.length }, encoding));
}

export function makeDictionaryPage(raw: Uint8Array, values: number, codec: Codec): Page {
  const body = codec.compress(raw);
  return makePage(raw, body, dictionaryPageHeader({ values, rawBytes: raw.length, storedBytes: body.length }));
}

function makePage(raw: Uint8Array, body: Uint8Array, header: Buffer): Page {
  // A copy: `raw` is used again, and what zlib gives is part of a larger buffer.
  return { bytes: Buffer.concat([header, body]), rawBytes: header.length + raw.length };
}
