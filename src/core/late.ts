import type { Part } from './sink.ts';
import { createCounter, type Keys } from './tally.ts';
import { MINUTE_MS, type Window } from './window.ts';

/** A range without parts may be of many windows that had no rows: it is cut, for all of it may be too slow. */
const GAP_MS = 5 * MINUTE_MS;

/**
 * The windows of a range, by the parts that are there: windows that have parts, and what lies between them. Each late part
 * lies in one of these.
 */
export function windowsOf(range: Window, parts: readonly Part[]): Window[] {
  const sorted = parts.toSorted((a, b) => a.startMs - b.startMs);
  const windows: Window[] = [];
  let atMs = range.startMs;
  const add = (endMs: number) => {
    if (endMs > atMs) windows.push({ startMs: atMs, endMs });
    atMs = Math.max(atMs, endMs);
  };
  const fill = (endMs: number) => {
    while (atMs < endMs) add(Math.min(endMs, behind(sorted, (Math.floor(atMs / GAP_MS) + 1) * GAP_MS)));
  };
  for (const part of sorted.filter(({ isLate }) => !isLate)) {
    fill(part.startMs);
    add(part.endMs);
  }
  fill(range.endMs);
  return windows;
}

/** A time that is in none of the parts, which are sorted by their start. */
function behind(parts: readonly Part[], atMs: number): number {
  return parts.reduce((ms, part) => (part.startMs < ms ? Math.max(ms, part.endMs) : ms), atMs);
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
  const counter = createCounter();
  return {
    get tally() {
      return counter.tally;
    },
    async add(items: AsyncIterable<string | undefined> | Iterable<string | undefined>): Promise<void> {
      for await (const item of items) {
        if (size === all.length) {
          const larger = new BigUint64Array(2 * size);
          larger.set(all);
          all = larger;
        }
        const key = keys.ofText(item);
        all[size++] = key;
        counter.add(key);
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
