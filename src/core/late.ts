import type { Part } from './sink.ts';
import type { Keys } from './tally.ts';
import type { Window } from './window.ts';

/**
 * The windows of a range, by the parts that are there: windows that have parts, and what lies between them. Late parts lie
 * in one of these. In groups of about `rows` rows, for which one question does.
 */
export function windowsOf(range: Window, parts: readonly Part[], rows: number): Window[][] {
  const groups: Window[][] = [[]];
  let [atMs, inGroup] = [range.startMs, 0];
  const add = (endMs: number) => {
    if (endMs > atMs) groups.at(-1)?.push({ startMs: atMs, endMs });
    atMs = Math.max(atMs, endMs);
  };
  for (const part of parts.filter(({ isLate }) => !isLate).toSorted((a, b) => a.startMs - b.startMs)) {
    add(part.startMs);
    if (inGroup > 0 && inGroup + part.rows > rows && part.endMs > atMs) {
      groups.push([]);
      inGroup = 0;
    }
    inGroup += part.rows;
    add(part.endMs);
  }
  add(range.endMs);
  return groups.filter(({ length }) => length > 0);
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
    async add(items: AsyncIterable<string | undefined> | Iterable<string | undefined>): Promise<void> {
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
