import type { Buffered } from './buffer.ts';

/** Parquet's own numbers. */
export const TYPES = { boolean: 0, int32: 1, int64: 2, double: 5, byteArray: 6 } as const;
export const ENCODINGS = { plain: 0, rle: 3, rleDictionary: 8 } as const;

/** The values of a column that are not null, gathered page by page. */
export interface Values {
  /** Takes the value of a cell. False: it is not one of this type. */
  add(source: Uint8Array, from: number, to: number): boolean;
  /** Of the page so far, if it were written plainly. */
  readonly bytes: number;
  /** Appends the page's values and begins the next page. Returns the encoding. */
  takePage(out: Buffered): number;
  /** Ends a column chunk, after its last page. */
  takeChunk(): ChunkSummary;
}

/** As plain values. `undefined` when there are none, or when they say nothing about all values. */
export interface Range {
  readonly min?: Uint8Array | undefined;
  readonly max?: Uint8Array | undefined;
}

interface ChunkSummary extends Range {
  /** What a dictionary page holds; `undefined` when no page of the chunk needs one. */
  readonly dictionary?: { readonly entries: Uint8Array; readonly count: number } | undefined;
}
