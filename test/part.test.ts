import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLake } from '../src/core/lake/lake.ts';
import { createMemoryStore } from './support/memory-store.ts';
import { plainLines } from './support/plain-lines.ts';

const FOLDER = 'requests/y=2026/m=11';
const partAt = (day: string, hour: string, more = '') =>
  `${FOLDER}/d=${day}/h=${hour}/202611${day}T${hour}0000.000Z_202611${day}T${hour}3000.000Z_5${more}.jsonl.gz`;

/** A lake with these files, that counts its listings. */
async function lakeOf(...paths: string[]) {
  const store = createMemoryStore();
  for (const path of paths) await store.create(path, new Blob(['x']).stream());
  let listings = 0;
  const counting = {
    ...store,
    list: (folder: string, options?: { recursive: boolean }) => {
      listings += 1;
      return store.list(folder, options);
    },
  };
  const sink = createLake({ store: counting, format: plainLines, now: Date.now });
  return { store, sink, listings: () => listings };
}

test('the newest part is found by a few listings, however many hours are empty', async () => {
  const { store, sink, listings } = await lakeOf(partAt('02', '07'), 'requests/_staging/1-run/1.staged');
  for (let day = 3; day <= 30; day++) {
    for (let hour = 0; hour < 24; hour++) {
      const path = partAt(String(day).padStart(2, '0'), String(hour).padStart(2, '0'));
      await store.create(path, new Blob(['x']).stream());
      await store.remove(path);
    }
  }
  assert.equal((await sink.newest('requests'))?.path, partAt('02', '07'));
  assert.ok(listings() <= 6, `${listings()} listings`);
});

test('of a day the part whose window ends last is the newest, and what is no part does not count', async () => {
  const newest = partAt('22', '14', '_p2of4_late17');
  const { sink } = await lakeOf(partAt('22', '13'), newest, partAt('21', '23'), `${FOLDER}/d=22/h=15/readme.txt`);
  assert.deepEqual(await sink.newest('requests'), {
    path: newest,
    startMs: Date.UTC(2026, 10, 22, 14),
    endMs: Date.UTC(2026, 10, 22, 14, 30),
    rows: 5,
    bytes: 1,
    isLate: true,
  });
});

test('the parts of a range are those whose window begins in it', async () => {
  const inside = [partAt('21', '23'), partAt('22', '00'), partAt('22', '13')];
  const { sink } = await lakeOf(...inside, partAt('21', '22'), partAt('22', '14'));
  const range = { startMs: Date.UTC(2026, 10, 21, 23), endMs: Date.UTC(2026, 10, 22, 14) };
  const found = await Array.fromAsync(sink.parts('requests', range));
  assert.deepEqual(found.map(({ path }) => path).sort(), inside);
  const hour = { startMs: Date.UTC(2026, 10, 22, 13), endMs: Date.UTC(2026, 10, 22, 14) };
  assert.equal((await Array.fromAsync(sink.parts('requests', hour))).length, 1);
});
