import { sum } from '../../sum.ts';
import { type Buffered, newNumbers, push } from './buffer.ts';
import type { Chunk } from './footer.ts';
import { writeHybrid } from './hybrid.ts';
import { type Codec, makeDataPage, makeDictionaryPage, type Page } from './page.ts';
import type { Values } from './values.ts';

/** The first byte of `null`, and of no other JSON value. */
const NULL = 0x6e;

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
  /** @param start where in the file the chunk will begin. */
  endChunk(start: number): { readonly pages: readonly Page[]; readonly chunk: Chunk };
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
    endChunk(start) {
      endPage();
      const { dictionary, min, max } = values.takeChunk();
      const first = dictionary && makeDictionaryPage(dictionary.entries, dictionary.count, codec);
      const all = first ? [first, ...pages] : pages;
      const chunk = {
        ...{ rows, nulls, min, max },
        rawBytes: sum(all, ({ rawBytes }) => rawBytes),
        storedBytes: sum(all, ({ bytes }) => bytes.length),
        dictionaryAt: first && start,
        dataAt: start + (first?.bytes.length ?? 0),
      };
      pages = [];
      [rows, nulls, closedBytes] = [0, 0, 0];
      return { pages: all, chunk };
    },
  };
}
