import type { Part } from './sink.ts';
import type { Keys } from './tally.ts';
import type { Window } from './window.ts';

/**
 * Cuts a range where parts end, so that each piece has about `rows` rows: one question asks for a piece, and its keys are in
 * memory. Late parts lie in one piece, for they do not count.
 */
export function cutRange(range: Window, parts: readonly Part[], rows: number): Window[] {
  const pieces: Window[] = [];
  let startMs = range.startMs;
  let found = 0;
  for (const part of parts.filter(({ isLate }) => !isLate).toSorted((a, b) => a.startMs - b.startMs)) {
    if (found > 0 && found + part.rows > rows && part.startMs > startMs) {
      pieces.push({ startMs, endMs: part.startMs });
      startMs = part.startMs;
      found = 0;
    }
    found += part.rows;
  }
  return [...pieces, { startMs, endMs: range.endMs }];
}

/** Keys that were exported and have not been found in an answer yet, each as often as it was exported. */
export interface Exported {
  /** For one answer. `isNew` says of each of its keys whether it has not been exported; `left` is what was not found. */
  match(): { isNew(key: bigint): boolean; left(): Exported };
}

/** Collects keys from the texts of `ItemId`, part by part. */
export function createExported(keys: Keys) {
  let all = new BigUint64Array(1024);
  let size = 0;
  return {
    async add(items: AsyncIterable<string | undefined>): Promise<void> {
      for await (const item of items) {
        if (size === all.length) {
          const larger = new BigUint64Array(2 * size);
          larger.set(all);
          all = larger;
        }
        all[size++] = keys.ofText(item);
      }
    },
    finish: (): Exported => exportedOf(all.subarray(0, size).sort(), new Uint8Array(size)),
  };
}

/** @param found 1 for each of the sorted keys that an answer had. */
function exportedOf(sorted: BigUint64Array, found: Uint8Array): Exported {
  return {
    match() {
      const own = found.slice();
      return {
        isNew(key) {
          for (let at = lowerBound(sorted, key); at < sorted.length && sorted[at] === key; at += 1) {
            if (own[at] === 1) continue;
            own[at] = 1;
            return false;
          }
          return true;
        },
        left: () => exportedOf(sorted, own),
      };
    },
  };
}

function lowerBound(sorted: BigUint64Array, key: bigint): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0n) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
