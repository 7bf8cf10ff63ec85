import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sweepStaging } from '../src/core/lake/sweep.ts';
import type { Watermark } from '../src/core/lake/watermark.ts';
import { createMemoryStore } from './support/memory-store.ts';

const HOME = 'requests';
const part = (staged: string) => ({ staged, path: `${HOME}/x`, rows: 1, bytes: 1, etag: 'e' });
const WATERMARK: Watermark = {
  position: {
    export: HOME,
    source: 'workspace',
    query: 'AppRequests',
    exportedFromMs: 0,
    exportedUntilMs: 0,
    windowMs: 1000,
    look: undefined,
    claims: [],
    backfills: [],
  },
  publishing: [part('requests/_staging/5-listed/1.staged')],
  commit: 7,
  runId: 'holder-of-it',
  updatedAtMs: 0,
};

/** What is left in staging of these files. */
async function sweep(...names: string[]): Promise<{ left: string[]; files: number }> {
  const store = createMemoryStore();
  for (const name of names) await store.create(`${HOME}/_staging/${name}`, content());
  const files = await sweepStaging(store, HOME, WATERMARK, new AbortController().signal);
  const left = await Array.fromAsync(store.list(`${HOME}/_staging`, { recursive: true }));
  return { left: left.map(({ path }) => path.slice(`${HOME}/_staging/`.length)).sort(), files };
}

async function* content() {
  yield Buffer.from('rows');
}

test('a sweep takes the folders of runs whose commit is spent, and no others', async () => {
  const kept = ['5-listed', '6-holder-of-it', '7-same', '70-later'];
  const { left, files } = await sweep(
    ...kept.map((name) => `${name}/1.staged`),
    '6-crashed/1.staged',
    '6-crashed/2.staged',
    '0-begun-1-a/1.staged',
  );
  assert.deepEqual(left, kept.flatMap((name) => [name, `${name}/1.staged`]).sort());
  assert.equal(files, 3);
});

test('a folder of the first version, which had no counter, counts as one of commit 0', async () => {
  const { left } = await sweep('20261122T140500.000Z-1f2e3d4c/1.staged', 'holder-of-it/1.staged');
  assert.deepEqual(left, ['holder-of-it', 'holder-of-it/1.staged']);
});

test('a sweep leaves files alone that lie beside the folders', async () => {
  assert.deepEqual(await sweep('notes.txt', '6-crashed-1.staged'), {
    left: ['6-crashed-1.staged', 'notes.txt'],
    files: 0,
  });
});
