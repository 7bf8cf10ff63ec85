import { type Buffered, newNumbers, push } from './buffer.ts';
import { writeHybrid } from './hybrid.ts';
import { type Codec, makeDataPage, makeDictionaryPage, type Page } from './page.ts';
import type { ChunkSummary, Values } from './values.ts';

/** The first byte of `null`, and of no other JSON value. */
const NULL = 0x6e;

/** All of a column in one row group. */
export interface Chunk extends ChunkSummary {
  /** The dictionary first, if there is one. */
  readonly pages: readonly Page[];
  readonly rows: number;
  readonly nulls: number;
}

/** Writes one column. */
export interface ColumnWriter {
  /** False: the cell is not one of the column's type. */
  add(source: Uint8Array, from: number, to: number): boolean;
  /** Of the page that is open, before compression. */
  readonly pageBytes: number;
  /** Of all its pages since the last chunk, likewise. */
  readonly chunkBytes: number;
  /** Compresses the page, if it has rows. */
  endPage(): void;
  endChunk(): Chunk;
}

/** @param raw where a page is put together: one for all columns. */
export function createColumnWriter(values: Values, codec: Codec, raw: Buffered): ColumnWriter {
  /** For each row of the page 1, or 0 for null. */
  const levels = newNumbers();
  let pages: Page[] = [];
  let rows = 0;
  let nulls = 0;
  let closedBytes = 0;

  function endPage(): void {
    if (levels.count === 0) return;
    closedBytes += levels.count + values.bytes;
    raw.at = 4;
    writeHybrid(levels, 1, raw);
    raw.view.setUint32(0, raw.at - 4, true);
    const encoding = values.takePage(raw);
    pages.push(makeDataPage(raw.bytes.subarray(0, raw.at), levels.count, encoding, codec));
    levels.count = 0;
  }

  return {
    add(source, from, to) {
      const isNull = source[from] === NULL;
      if (!isNull && !values.add(source, from, to)) return false;
      push(levels, isNull ? 0 : 1);
      rows += 1;
      if (isNull) nulls += 1;
      return true;
    },
    get pageBytes() {
      return levels.count + values.bytes;
    },
    get chunkBytes() {
      return closedBytes + levels.count + values.bytes;
    },
    endPage,
    endChunk() {
      endPage();
      const summary = values.takeChunk();
      const { dictionary } = summary;
      if (dictionary) pages.unshift(makeDictionaryPage(dictionary.entries, dictionary.count, codec));
      const chunk = { ...summary, pages, rows, nulls };
      pages = [];
      [rows, nulls, closedBytes] = [0, 0, 0];
      return chunk;
    },
  };
}
