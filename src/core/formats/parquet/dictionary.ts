import { type Buffered, newBuffered } from './buffer.ts';

/** So that an index fits 13 bits, and a table the processor's cache. */
export const MAX_ENTRIES = 8192;

/** The strings of a column chunk, each once, found again by a hash. */
export interface Dictionary {
  /** The entries, as plain strings one after the other: what a dictionary page holds. */
  readonly entries: Buffered;
  readonly count: number;
  /** Takes the string that was appended to `entries` from `start` on; one that is there already goes again. Its index. */
  intern(start: number): number;
  /** An entry as a plain string. */
  entry(index: number): Uint8Array;
  /** Keeps the first `count` entries, which are no longer found, and none of the others. */
  truncate(count: number): void;
}

export function createDictionary(): Dictionary {
  const entries = newBuffered();
  /** Where each entry begins; behind the last one, where it ends. */
  const starts = new Int32Array(MAX_ENTRIES + 1);
  const hashes = new Int32Array(MAX_ENTRIES);
  /** Open addressing: an entry's index and one, or 0. */
  const table = new Uint16Array(2 * MAX_ENTRIES);
  const mask = table.length - 1;
  let count = 0;

  function slotOf(hash: number, start: number): number {
    let slot = hash & mask;
    for (;;) {
      const index = (table[slot] as number) - 1;
      if (index < 0 || (hashes[index] === hash && isSame(entries, starts[index] as number, start))) return slot;
      slot = (slot + 1) & mask;
    }
  }

  return {
    entries,
    get count() {
      return count;
    },
    intern(start) {
      const hash = hashOf(entries, start);
      const slot = slotOf(hash, start);
      const found = table[slot] as number;
      if (found > 0) {
        entries.at = start;
        return found - 1;
      }
      hashes[count] = hash;
      starts[count + 1] = entries.at;
      table[slot] = ++count;
      return count - 1;
    },
    entry: (index) => entries.bytes.subarray(starts[index], starts[index + 1]),
    truncate(kept) {
      table.fill(0);
      count = kept;
      entries.at = starts[kept] as number;
    },
  };
}

/** Of the string from `start` to the end, its length included. Four bytes at a time. */
export function hashOf({ bytes, view, at: end }: Buffered, start: number): number {
  let hash = 0x811c9dc5;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    hash = Math.imul(hash ^ view.getInt32(i, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; i < end; i += 1) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash ^ (hash >>> 16);
}

/** Lengths are the first four bytes: strings that agree on them have the same end. */
function isSame({ bytes, view, at: end }: Buffered, entry: number, start: number): boolean {
  const shift = entry - start;
  let i = start;
  for (; i + 4 <= end; i += 4) if (view.getInt32(i + shift, true) !== view.getInt32(i, true)) return false;
  for (; i < end; i += 1) if (bytes[i + shift] !== bytes[i]) return false;
  return true;
}
