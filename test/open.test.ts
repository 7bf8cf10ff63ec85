import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NoItemIdError, OversizeError } from '../src/core/logs.ts';
import { startExport } from '../src/core/open.ts';
import { beginRun } from '../src/core/run.ts';
import {
  createLogs,
  createPorts,
  createStore,
  MINUTE_MS,
  NOW_MS,
  OPTIONS,
  putWatermark,
  readFile,
  run,
} from './support/exporter-scene.ts';

test('a table without _ItemId is exported without, and cannot be split below a millisecond', async () => {
  const logs = (tooLarge: boolean) =>
    createLogs([{ id: 1, at: '2026-11-22T14:01:00.000Z' }], (kql) => {
      if (kql.includes('_ItemId')) throw new NoItemIdError('no _ItemId');
      if (tooLarge) throw new OversizeError('too large', { rows: 1, bytes: 1 });
      return {};
    }).logs;
  const store = createStore();
  const { report, messages } = await run(store, logs(false));
  assert.equal(report.rows, 1);
  assert.equal(messages.filter((message) => message.includes('has no _ItemId')).length, 1);
  const look = { ingestionTime: 'IngestionTime', proven: true };
  const other = createStore();
  await putWatermark(other, { windowMs: 1, look });
  await assert.rejects(run(other, logs(true)), /the table has no _ItemId to split them by/);
});

/** Answers the look with this. */
function looking(names: string[], lines: object[]) {
  const rows = [{ id: 1, at: '2026-11-22T14:01:00.000Z' }];
  return createLogs(rows, (kql) => (kql.endsWith('| take 1') ? { names, lines } : {}));
}

const NO_TIME = [{ MonitorLiftIngestionTime: null }];
const NOTHING: object[] = [];

test('a table without ingestion time fails the run on every way in', async () => {
  const { logs } = looking(['MonitorLiftIngestionTime'], NO_TIME);
  const noTime = /ingestion_time\(\) is null in AppRequests/;
  await assert.rejects(run(createStore(), logs), noTime, 'a first run');

  const changed = createStore();
  await putWatermark(changed, { query: 'AppRequests | where Success' });
  await assert.rejects(run(changed, logs), noTime, 'a changed query');

  const { ports } = createPorts(createStore(), logs);
  const started = startExport(beginRun(OPTIONS, ports, new AbortController().signal), NOW_MS - MINUTE_MS);
  await assert.rejects(started, noTime, 'start');

  const wasEmpty = createStore();
  await run(wasEmpty, looking(['MonitorLiftIngestionTime'], NOTHING).logs, { windowMs: MINUTE_MS, budgetMs: 0 });
  assert.equal((await readFile(wasEmpty)).look.proven, false);
  await assert.rejects(run(wasEmpty, logs), noTime, 'empty at the first look');
});

test('a table is looked at until it has shown a row, and then no more', async () => {
  const store = createStore();
  const empty = looking(['MonitorLiftIngestionTime'], NOTHING);
  await run(store, empty.logs, { budgetMs: 0 });
  const { logs, asked } = looking(['MonitorLiftIngestionTime'], [{ MonitorLiftIngestionTime: '2026-11-22T14:01:00Z' }]);
  await run(store, logs);
  await run(store, logs);
  assert.equal(asked.filter((kql) => kql.endsWith('| take 1')).length, 1);
});

test('that rows have a time is not forgotten at the next window without rows', async () => {
  const store = createStore();
  await run(store, looking(['MonitorLiftIngestionTime'], NOTHING).logs, { windowMs: MINUTE_MS });
  assert.equal((await readFile(store)).look.proven, true);
});

test('columns of the table keep their names, and the added ones get others', async () => {
  const store = createStore();
  const row = { MonitorLiftIngestionTime: '2026-11-22T14:01:00Z', ItemId: 'own', IngestionTime: 'own' };
  const { logs, asked } = looking(Object.keys(row), [row]);
  await run(store, logs);
  assert.ok(asked.some((kql) => kql.includes('extend ExportIngestionTime = ingestion_time(), ExportItemId = _ItemId')));
  assert.ok(asked.every((kql) => !/extend IngestionTime|, ItemId =/.test(kql)));
  assert.equal((await readFile(store)).look.itemId, 'ExportItemId');
});

test('a machine whose clock is ahead begins by the clock of the service', async () => {
  const store = createStore();
  const serviceMs = NOW_MS - 5 * 60 * MINUTE_MS;
  const { logs } = createLogs([], () => ({ asOfMs: serviceMs }));
  const { messages } = await run(store, logs, { budgetMs: 0 });
  assert.equal((await readFile(store)).exportedFrom, new Date(serviceMs - OPTIONS.lookbackMs).toISOString());
  assert.match(messages.join('\n'), /clock is at least 18000000 ms ahead/);
});

test('a projection without ItemId is exported with one warning', async () => {
  const store = createStore();
  const rows = [1, 2, 3].map((id) => ({ id, at: `2026-11-22T14:0${id}:00.000Z` }));
  const withoutItemId = (kql: string) => (kql.endsWith('| take 1') ? {} : { names: ['id'] });
  const { messages } = await run(store, createLogs(rows, withoutItemId).logs, { windowMs: MINUTE_MS });
  assert.equal(messages.filter((message) => message.includes('drops ItemId')).length, 1);
});
