import { append, newBuffered, reserve } from './buffer.ts';
import { readDatetime, readInt, readLong, readReal } from './cells.ts';
import { ENCODINGS, type Values } from './values.ts';

export const createInts = () => createNumbers<number>(4, readInt, (view, at, value) => view.setInt32(at, value, true));
export const createReals = () =>
  createNumbers<number>(8, readReal, (view, at, value) => view.setFloat64(at, value, true));
export const createLongs = () => createNumbers(8, readLong, writeInt64);
/** Units since 1970. */
export const createDatetimes = (unitsPerSecond: number) =>
  createNumbers(8, (source, from, to) => readDatetime(source, from, to, unitsPerSecond), writeInt64);

function writeInt64(view: DataView, at: number, value: number | bigint): void {
  if (typeof value === 'bigint') view.setBigInt64(at, value, true);
  else {
    view.setInt32(at, value, true);
    view.setInt32(at + 4, Math.floor(value / 2 ** 32), true);
  }
}

function createNumbers<T extends number | bigint>(
  size: number,
  read: (source: Uint8Array, from: number, to: number) => T | undefined,
  write: (view: DataView, at: number, value: T) => void,
): Values {
  const page = newBuffered();
  let min: T | undefined;
  let max: T | undefined;
  let hasNaN = false;
  const plain = (value: T) => {
    const bytes = new Uint8Array(size);
    write(new DataView(bytes.buffer), 0, value);
    return bytes;
  };
  return {
    add(source, from, to) {
      const value = read(source, from, to);
      if (value === undefined) return false;
      if (Number.isNaN(value)) hasNaN = true;
      if (min === undefined || value < min) min = value;
      if (max === undefined || value > max) max = value;
      reserve(page, size);
      write(page.view, page.at, value);
      page.at += size;
      return true;
    },
    get bytes() {
      return page.at;
    },
    takePage(out) {
      append(out, page.bytes.subarray(0, page.at));
      page.at = 0;
      return ENCODINGS.plain;
    },
    takeChunk() {
      // Some readers take NaN for the largest number, others for none: nothing can be said of a chunk that has one. A zero
      // may be of either sign, whichever came first.
      const summary =
        min === undefined || max === undefined || hasNaN
          ? {}
          : { min: plain(min === 0 ? (-0 as T) : min), max: plain(max === 0 ? (0 as T) : max) };
      [min, max, hasNaN] = [undefined, undefined, false];
      return summary;
    },
  };
}
