import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OversizeError } from '../src/core/logs.ts';
import {
  createLogs,
  createStore,
  NOW_MS,
  publishedPaths,
  putWatermark,
  readFile,
  run,
} from './support/exporter-scene.ts';

// Logs answers, but for windows of one table: each is too slow, as one is that is too large.

const HOUR_MS = 3_600_000;
const isWindow = (kql: string) => kql.includes('ingestion_time() >=');

test('an outage of one table loses nothing, is said, and is over within a few small queries', async () => {
  const store = createStore();
  await putWatermark(store, { exportedUntil: new Date(NOW_MS - 6 * HOUR_MS).toISOString(), windowMs: HOUR_MS });
  const rows = Array.from({ length: 36 }, (_, id) => ({ id, at: new Date(NOW_MS - (id + 1) * 590_000).toISOString() }));
  let isOut = true;
  const { logs, asked } = createLogs(rows, (kql) => {
    if (isOut && isWindow(kql)) throw new OversizeError('the query took too long: 504', { rows: 0, bytes: 0 });
    return {};
  });
  for (let runs = 0; runs < 3; runs++) {
    const outage = /the millisecond .* got no answer in time.*outage of this table alone.*too large for 1024.*504$/;
    await assert.rejects(run(store, logs), outage);
  }
  assert.equal((await readFile(store)).windowMs, 1);
  assert.deepEqual(publishedPaths(store), []);

  isOut = false;
  asked.length = 0;
  const { report } = await run(store, logs);
  const settled = rows.filter(({ at }) => Date.parse(at) < NOW_MS - 301_000);
  assert.equal(report.rows, settled.length);
  // Six hours and a bit are seven windows of an hour.
  assert.ok(asked.length <= 7 + 12, `${asked.length} queries`);
  assert.equal((await readFile(store)).windowMs, HOUR_MS);
});

test('a millisecond whose hash parts are all too large says so', async () => {
  const store = createStore();
  await putWatermark(store, { windowMs: 1 });
  const { logs } = createLogs([], (kql) => {
    if (isWindow(kql)) throw new OversizeError('cut', { rows: 500_000, bytes: 1 });
    return {};
  });
  await assert.rejects(run(store, logs), /is still too large in 1024 hash parts; narrow the export's query: cut$/);
});
