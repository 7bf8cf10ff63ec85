import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runExport } from '../src/core/exporter.ts';
import { OversizeError } from '../src/core/logs.ts';
import { asking, beginRun } from '../src/core/run.ts';
import {
  createLogs,
  createPorts,
  createStore,
  MINUTE_MS,
  NOW_MS,
  OPTIONS,
  PATH,
  publishedPaths,
  putWatermark,
  type Row,
  readFile,
  run,
  stagedPaths,
} from './support/exporter-scene.ts';

test('a first run begins at the lookback, cuts at full hours and ends at the horizon', async () => {
  const store = createStore();
  const { logs } = createLogs([
    { id: 1, at: '2026-11-22T13:19:59.999Z' },
    { id: 2, at: '2026-11-22T13:20:00.000Z' },
    { id: 3, at: '2026-11-22T13:59:59.999Z' },
    { id: 4, at: '2026-11-22T14:00:00.000Z' },
    { id: 5, at: '2026-11-22T14:14:58.999Z' },
    { id: 6, at: '2026-11-22T14:14:59.000Z' },
  ]);
  const { report } = await run(store, logs);
  assert.equal(report.rows, 4);
  assert.equal(report.outcome, 'exported');
  assert.ok(publishedPaths(store).every((path) => /^requests\/y=2026\/m=11\/d=22\/h=1[34]\/[^/]+\.jsonl$/.test(path)));
  const file = await readFile(store);
  assert.deepEqual(
    { ...file, runId: typeof file.runId },
    {
      version: 2,
      export: 'requests',
      source: 'workspace',
      query: 'AppRequests',
      exportedFrom: '2026-11-22T13:20:00.000Z',
      exportedUntil: '2026-11-22T14:14:59.000Z',
      publishing: [],
      claims: [],
      backfills: [],
      windowMs: 60 * MINUTE_MS,
      look: { itemId: 'ItemId', ingestionTime: 'IngestionTime', proven: true },
      schema: '0eadf3f503b02880',
      commit: 8,
      runId: 'string',
      updatedAt: '2026-11-22T14:20:00.000Z',
    },
  );
  assert.deepEqual(stagedPaths(store), []);
});

test('a part is named by its window and rows', async () => {
  const store = createStore();
  await putWatermark(store);
  await run(store, createLogs([{ id: 1, at: '2026-11-22T14:01:00.000Z' }]).logs);
  assert.deepEqual(publishedPaths(store), [
    'requests/y=2026/m=11/d=22/h=14/20261122T140000.000Z_20261122T141459.000Z_1.jsonl',
  ]);
});

test('the watermark moves over a window without rows, and no part is written', async () => {
  const store = createStore();
  await putWatermark(store);
  await run(store, createLogs([]).logs);
  assert.equal((await readFile(store)).exportedUntil, '2026-11-22T14:14:59.000Z');
  assert.deepEqual(publishedPaths(store), []);
});

test('an answer that is too large halves the window until it fits, and the size is kept', async () => {
  const store = createStore();
  await putWatermark(store);
  const rows = Array.from({ length: 14 }, (_, id) => ({
    id,
    at: `2026-11-22T14:${String(id).padStart(2, '0')}:30.000Z`,
  }));
  const { logs, asked } = createLogs(rows, (kql) => {
    const [start = 0, end = 0] = [...kql.matchAll(/datetime\(([^)]+)\)/g)].map((match) => Date.parse(match[1] ?? ''));
    if (end - start > 4 * MINUTE_MS) throw new OversizeError('too large', { rows: 4, bytes: 40 });
    return {};
  });
  const { report } = await run(store, logs);
  assert.equal(report.rows, 14);
  assert.ok(report.discardedAnswers >= 2 && report.discardedBytes === 40 * report.discardedAnswers);
  assert.ok((await readFile(store)).windowMs < 14 * MINUTE_MS, 'smaller than what was too large');
  assert.ok(asked.length < 20);
});

test('after a cut answer the next window ends where the rows fit, by one small query', async () => {
  const store = createStore();
  await putWatermark(store);
  // A burst: 3 rows in one minute, and the rest of the window is quiet.
  const rows = [{ id: 0, at: '2026-11-22T14:01:00.000Z' }];
  for (let id = 1; id < 5; id++) rows.push({ id, at: `2026-11-22T14:10:0${id}.000Z` });
  const { logs, asked } = createLogs(rows, (kql) => {
    const [start = '', end = ''] = [...kql.matchAll(/datetime\(([^)]+)\)/g)].map((match) => match[1] ?? '');
    const found = rows.filter(({ at }) => at >= start && at < end);
    if (kql.includes('summarize')) return { lines: found.map(({ at }) => ({ Start: at, Rows: 1 })) };
    if (found.length > 3) throw new OversizeError('too large', { rows: 3, bytes: 30 });
    return {};
  });
  const { report } = await run(store, logs);
  assert.equal(report.rows, 5);
  assert.equal(report.discardedAnswers, 1);
  assert.match(asked[1] ?? '', /\| summarize Rows = count\(\) by Start = bin\(IngestionTime, 14047ms\)$/);
  assert.match(asked[2] ?? '', /datetime\(2026-11-22T14:00:00.000Z\) and .* datetime\(2026-11-22T14:10:02.000Z\)/);
});

test('a histogram of times that the query has changed does not enlarge the window, nor keep it', async () => {
  for (const shiftMs of [-24 * 60 * MINUTE_MS, -MINUTE_MS, MINUTE_MS, 24 * 60 * MINUTE_MS]) {
    const store = createStore();
    await putWatermark(store);
    const rows = Array.from({ length: 40 }, (_, id) => ({ id, at: `2026-11-22T14:0${id % 10}:30.000Z` }));
    const { logs, asked } = createLogs(rows, (kql) => {
      const [start = '', end = ''] = [...kql.matchAll(/datetime\(([^)]+)\)/g)].map((match) => match[1] ?? '');
      const found = rows.filter(({ at }) => at >= start && at < end);
      const bar = ({ at }: Row) => ({ Start: new Date(Date.parse(at) + shiftMs).toISOString(), Rows: 1 });
      if (kql.includes('summarize')) return { lines: found.map(bar), names: ['Start', 'Rows'] };
      if (found.length > 10) throw new OversizeError('too large', { rows: 10, bytes: 100 });
      return {};
    });
    const { report } = await run(store, logs);
    assert.equal(report.rows, 40, `shifted by ${shiftMs} ms`);
    assert.ok(asked.length < 60, `${asked.length} queries`);
  }
});

test('a run whose budget is over before it may ask for anything exports one window all the same', async () => {
  const store = createStore();
  await putWatermark(store);
  const { ports } = createPorts(store, createLogs([{ id: 1, at: '2026-11-22T14:01:00.000Z' }]).logs);
  const clock = { now: () => NOW_MS, elapsed: () => OPTIONS.budgetMs };
  const report = await runExport(OPTIONS, { ...ports, clock }, new AbortController().signal);
  assert.deepEqual([report.windows, report.rows], [1, 1]);
});

test('a run that only halved keeps the new window size, and nothing else moves', async () => {
  const store = createStore();
  await putWatermark(store);
  let elapsedMs = 0;
  const { logs } = createLogs([], () => {
    elapsedMs = OPTIONS.budgetMs;
    throw new OversizeError('too slow', { rows: 0, bytes: 0 });
  });
  const controller = new AbortController();
  const { ports } = createPorts(store, logs);
  const clock = { now: () => NOW_MS, elapsed: () => elapsedMs };
  await runExport(OPTIONS, { ...ports, clock }, controller.signal);
  const { exportedUntil, windowMs } = await readFile(store);
  assert.equal(exportedUntil, '2026-11-22T14:00:00.000Z');
  assert.equal(windowMs, (14 * MINUTE_MS + 59_000) / 2);
});

test('a millisecond that is too large is split by hash into parts of one n', async () => {
  const at = '2026-11-22T14:00:00.000Z';
  const rows = Array.from({ length: 8 }, (_, id) => ({ id, at }));
  const split = (counted: number) =>
    createLogs(rows, (kql) => {
      const [, of = 1, index = 0] = (/hash_xxhash64\(_ItemId, (\d+)\) == (\d+)/.exec(kql) ?? []).map(Number);
      const inWindow = kql.includes(`>= datetime(${at})`) ? rows : [];
      if (kql.endsWith('| count')) return { lines: [{ Count: counted }] };
      const lines = inWindow.filter(({ id }) => id % of === index);
      if (lines.length > 2) throw new OversizeError('too large', { rows: 2, bytes: 20 });
      return { lines };
    }).logs;

  const store = createStore();
  await putWatermark(store, { windowMs: 1 });
  await run(store, split(8));
  const names = publishedPaths(store).map((path) => path.slice(path.lastIndexOf('_') + 1));
  assert.deepEqual(names, ['p1of4.jsonl', 'p2of4.jsonl', 'p3of4.jsonl', 'p4of4.jsonl']);

  const other = createStore();
  await putWatermark(other, { windowMs: 1 });
  await assert.rejects(run(other, split(9)), /4 hash parts have 8 rows, but a count of it says 9/);
  assert.deepEqual(publishedPaths(other), []);
  assert.deepEqual([...other.files.keys()], [PATH]);
});

test('an answer read before its rows had settled, by the clock of the service, is thrown away', async () => {
  const store = createStore();
  await putWatermark(store);
  const serviceMs = NOW_MS - 3 * MINUTE_MS;
  const { logs } = createLogs([{ id: 1, at: '2026-11-22T14:01:00.000Z' }], () => ({ asOfMs: serviceMs }));
  const { report, messages } = await run(store, logs);
  assert.match(messages.join('\n'), /clock is at least 179000 ms ahead/);
  assert.equal(report.discardedAnswers, 1);
  assert.equal((await readFile(store)).exportedUntil, new Date(serviceMs - OPTIONS.lagMs).toISOString());
});

test('a stopped run keeps what it has committed and leaves nothing behind', async () => {
  const store = createStore();
  await putWatermark(store, { windowMs: 5 * MINUTE_MS });
  const controller = new AbortController();
  let windows = 0;
  const { logs } = createLogs([{ id: 1, at: '2026-11-22T14:01:00.000Z' }], () => {
    windows += 1;
    if (windows === 2) controller.abort(new Error('SIGTERM'));
    controller.signal.throwIfAborted();
    return {};
  });
  const { report } = await run(store, logs, {}, controller.signal);
  assert.equal(report.outcome, 'stopped');
  assert.equal(report.rows, 1);
  assert.deepEqual((await readFile(store)).publishing, []);
  assert.deepEqual(stagedPaths(store), []);
});

test('a long wait for Logs is said, a short one only counted', () => {
  const { ports, messages } = createPorts(createStore(), createLogs([]).logs);
  const begun = beginRun(OPTIONS, ports, new AbortController().signal);
  const { onRetry } = asking(begun);
  onRetry?.(2_000);
  onRetry?.(27_236);
  assert.equal(begun.report.retries, 2);
  assert.deepEqual(messages, ['requests: Logs is busy, and is asked again in 28 s']);
});
