import assert from 'node:assert/strict';
import type { Entry, Found, Store } from '../../src/core/lake/store.ts';

/** A test with a store that has nothing in it. */
export type Holds = (title: string, check: (store: Store) => Promise<void>) => void;

export async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

/** Each a little smaller than the one before: no boundary of theirs is one of a store's own. */
export function oddChunks(count: number): Buffer[] {
  const block = Buffer.from(Array.from({ length: 65_537 }, (_, at) => 33 + (at % 90)));
  return Array.from({ length: count }, (_, at) => block.subarray(0, block.length - at));
}

export async function* each(buffers: readonly Buffer[]): AsyncGenerator<Uint8Array> {
  yield* buffers;
}

export async function found(store: Store, path: string): Promise<Found> {
  return (await store.stat(path)) ?? assert.fail(`nothing is at ${path}`);
}

/** By path, since a store lists in no order. */
export async function listed(store: Store, folder: string, recursive = false): Promise<Entry[]> {
  const entries = await Array.fromAsync(store.list(folder, { recursive }));
  return entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
