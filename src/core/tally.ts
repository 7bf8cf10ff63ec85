import xxhash from 'xxhash-wasm';
import { plainEnd } from './bytes.ts';
import type { Batch, Rows } from './rows.ts';
import type { Tally } from './sink.ts';

const QUOTE = 0x22;
const LOW_32 = 0xffff_ffffn;

export const NO_ROWS: Tally = { rows: 0, xor: '0'.repeat(16), sum: 0n };

/** The key of a row: XXH64, seed 0, over the UTF-8 of its `ItemId`, as `hash_xxhash64(tostring(ItemId))` gives it. */
export interface Keys {
  /** @param from of the cell in `bytes`, a JSON string or null; `to` is behind it. */
  ofCell(bytes: Uint8Array, from: number, to: number): bigint;
  /** `undefined` is null. */
  ofText(text: string | undefined): bigint;
}

export async function openKeys(): Promise<Keys> {
  const { h64, h64Raw } = await xxhash();
  const ofText = (text = '') => h64(text);
  return {
    ofText,
    ofCell(bytes, from, to) {
      const isPlain = bytes[from] === QUOTE && plainEnd(bytes, from + 1) === to - 1;
      if (isPlain) return h64Raw(bytes.subarray(from + 1, to - 1));
      const value: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(from, to)));
      return ofText(value === null ? undefined : String(value));
    },
  };
}

/** Adds up keys, in any order. */
export interface Counter {
  add(key: bigint): void;
  readonly tally: Tally;
}

export function createCounter(): Counter {
  let rows = 0;
  // In an array of 64 bits nothing is made for each key.
  const [XOR, SUM] = [0, 1];
  const totals = new BigUint64Array(2);
  return {
    add(key) {
      rows += 1;
      totals[XOR] = (totals[XOR] as bigint) ^ key;
      totals[SUM] = (totals[SUM] as bigint) + (key & LOW_32);
    },
    get tally() {
      const [xor = 0n, sum = 0n] = totals;
      return { rows, xor: formatXor(xor), sum };
    },
  };
}

export function addTallies(a: Tally, b: Tally): Tally {
  return { rows: a.rows + b.rows, xor: formatXor(BigInt(`0x${a.xor}`) ^ BigInt(`0x${b.xor}`)), sum: a.sum + b.sum };
}

export function isSameTally(a: Tally, b: Tally): boolean {
  return a.rows === b.rows && a.xor === b.xor && a.sum === b.sum;
}

function formatXor(xor: bigint): string {
  return xor.toString(16).padStart(16, '0');
}

/** Rows that are counted as they pass by. */
export interface Tap {
  readonly rows: Rows;
  /** How many have come so far. */
  readonly read: number;
  /** Those that went on; `undefined` where there is no such column. */
  readonly tally: Tally | undefined;
}

/**
 * Counts rows by the keys in the column `itemId`.
 * @param keep decides by its key whether a row goes on; all do without it, or without the column.
 */
export function tapRows(rows: Rows, itemId: string | undefined, keys: Keys, keep?: (key: bigint) => boolean): Tap {
  const column = rows.columns.findIndex(({ name }) => name === itemId);
  const width = 2 * rows.columns.length;
  const counter = createCounter();
  let read = 0;

  /** The row goes on. */
  function isKept(batch: Batch, row: number): boolean {
    const at = row * width + 2 * column;
    const key = keys.ofCell(batch.bytes, batch.cells[at] ?? 0, batch.cells[at + 1] ?? 0);
    if (keep !== undefined && !keep(key)) return false;
    counter.add(key);
    return true;
  }

  async function* pass(): AsyncGenerator<Batch> {
    for await (const batch of rows.batches) {
      read += batch.rows;
      if (column === -1) {
        yield batch;
        continue;
      }
      let kept = 0;
      // In place: nobody reads the cells of a batch after the consumer of these rows.
      for (let row = 0; row < batch.rows; row += 1) {
        if (!isKept(batch, row)) continue;
        if (kept < row) batch.cells.copyWithin(kept * width, row * width, (row + 1) * width);
        kept += 1;
      }
      if (kept > 0) yield { ...batch, rows: kept };
    }
  }

  return {
    rows: { columns: rows.columns, batches: pass() },
    get read() {
      return read;
    },
    get tally() {
      return column === -1 ? undefined : counter.tally;
    },
  };
}
