import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Compression } from '../compress.ts';
import { i32, struct, type Thrift } from './thrift.ts';
import { ENCODINGS } from './values.ts';

const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;

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
  const levels = i32(ENCODINGS.rle);
  const header = struct({ 1: i32(values), 2: i32(encoding), 3: levels, 4: levels });
  return makePage(raw, codec, { 1: i32(DATA_PAGE), 5: header });
}

export function makeDictionaryPage(raw: Uint8Array, values: number, codec: Codec): Page {
  const header = struct({ 1: i32(values), 2: i32(ENCODINGS.plain) });
  return makePage(raw, codec, { 1: i32(DICTIONARY_PAGE), 7: header });
}

/** @param fields those of its header that say what it is. */
function makePage(raw: Uint8Array, codec: Codec, fields: Readonly<Record<number, Thrift>>): Page {
  const body = codec.compress(raw);
  const header = struct({ ...fields, 2: i32(raw.length), 3: i32(body.length) });
  // A copy: `raw` is used again, and what zlib gives is part of a larger buffer.
  const bytes = Buffer.concat([Buffer.from(header.bytes), body]);
  return { bytes, rawBytes: header.bytes.length + raw.length };
}
