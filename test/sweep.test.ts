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
  publishing: [part('requests/_staging/6-listed-1.staged'), part('requests/_staging/5-older/1.staged')],
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

test('a sweep takes the files of runs whose commit is spent, and of no others', async () => {
  const kept = [
    '6-holder-of-it-2.staged',
    '6-listed-1.staged',
    '6-listed-4.staged',
    '7-same-1.staged',
    '70-later-1.staged',
  ];
  assert.deepEqual(await sweep(...kept, '6-crashed-1.staged', '6-crashed-12.staged', '0-begun-1-a-1.staged'), {
    left: kept,
    files: 3,
  });
});

test('a sweep takes the folders of earlier versions in the same way', async () => {
  const kept = ['5-older', '5-older/1.staged', '5-older/2.staged', '7-same', '7-same/1.staged', 'holder-of-it'];
  const found = await sweep(
    ...kept.filter((name) => name.includes('/')),
    'holder-of-it/1.staged',
    '6-crashed/1.staged',
    '6-crashed/2.staged',
    '20261122T140500.000Z-1f2e3d4c/1.staged',
  );
  assert.deepEqual(found, { left: [...kept, 'holder-of-it/1.staged'].sort(), files: 3 });
});

test('a sweep leaves alone what is none of ours', async () => {
  const names = ['6-crashed-1.txt', 'notes.staged'];
  assert.deepEqual(await sweep(...names), { left: names, files: 0 });
});
