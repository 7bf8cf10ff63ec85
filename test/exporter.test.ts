import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunError, runExport } from '../src/core/exporter.ts';
import { createLines } from '../src/core/formats/lines.ts';
import type { Store } from '../src/core/lake/store.ts';
import { type Answer, type Logs, NoItemIdError, OversizeError } from '../src/core/logs.ts';
import type { ExportOptions, RunReport } from '../src/core/run.ts';
import { createMemoryStore, type MemoryStore } from './support/memory-store.ts';
import { toColumns, toRows } from './support/rows.ts';

const NOW_MS = Date.parse('2026-11-22T14:20:00.000Z');
const MINUTE_MS = 60_000;
const PATH = 'requests/_watermark.json';

interface Row {
  readonly id: number;
  readonly at: string;
}

/** Answers windows from rows, at once; `answer` may put something else in its place. */
function createLogs(
  rows: readonly Row[],
  answer: (kql: string) => Partial<Answer<never>> & { lines?: object[] } = () => ({}),
) {
  const asked: string[] = [];
  const logs: Logs = {
    async query({ kql }, receive) {
      asked.push(kql);
      const [start = '', end = ''] = [...kql.matchAll(/datetime\(([^)]+)\)/g)].map((match) => match[1] ?? '');
      const found = rows.filter(({ at }) => at >= start && at < end);
      const given = answer(kql);
      const plain = kql.endsWith('| count') ? [{ Count: found.length }] : found.map(({ id }) => ({ id }));
      const lines = given.lines ?? (kql.includes('take 1') ? [] : plain);
      const value = await receive(toRows(lines));
      const columns = toColumns(kql.includes('ItemId =') ? ['id', 'ItemId'] : ['id']);
      return { value, columns, rows: lines.length, bytes: 10 * lines.length, asOfMs: NOW_MS, ...given };
    },
  };
  return { logs, asked };
}

function createLake(): MemoryStore {
  return createMemoryStore({ now: () => NOW_MS });
}

const OPTIONS: ExportOptions = {
  name: 'requests',
  query: { table: 'AppRequests', rest: '' },
  source: 'workspace',
  lagMs: 5 * MINUTE_MS,
  lookbackMs: 60 * MINUTE_MS,
  windowMs: 60 * MINUTE_MS,
  budgetMs: 240_000,
  compression: 'none',
};

let runs = 0;

async function run(
  store: Store,
  logs: Logs,
  options: Partial<ExportOptions> = {},
  signal = new AbortController().signal,
) {
  const messages: string[] = [];
  const log = (message: string) => messages.push(message);
  const ports = {
    store,
    logs,
    log: { debug() {}, info: log, warn: log, error: log },
    clock: { now: () => NOW_MS, elapsed: () => 0 },
    newRunId: () => `run${++runs}`,
  };
  const report: RunReport = await runExport({ ...OPTIONS, query: { ...OPTIONS.query }, ...options }, ports, signal);
  return { report, messages };
}

async function readFile(store: Store) {
  return JSON.parse((await store.read(PATH))?.text ?? 'null');
}

/** Puts a watermark there, as an earlier run or a person has written it. */
async function putWatermark(store: Store, fields: object = {}, text?: string): Promise<void> {
  const file = {
    version: 1,
    export: 'requests',
    source: 'workspace',
    exportedUntil: '2026-11-22T14:00:00.000Z',
    publishing: [],
    windowMs: 60 * MINUTE_MS,
    runId: 'earlier',
    updatedAt: '2026-11-22T14:10:00.000Z',
  };
  await store.replace(
    PATH,
    text ?? JSON.stringify({ ...file, ...fields }),
    undefined,
    `requests/_staging/put/${++runs}`,
  );
  await store.remove('requests/_staging/put');
}

const publishedPaths = (store: MemoryStore) => [...store.files.keys()].filter((path) => !path.includes('/_')).sort();

test('a first run begins at the lookback, cuts at full hours and ends at the horizon', async () => {
  const store = createLake();
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
      version: 1,
      export: 'requests',
      source: 'workspace',
      query: 'AppRequests',
      exportedUntil: '2026-11-22T14:14:59.000Z',
      publishing: [],
      windowMs: 60 * MINUTE_MS,
      runId: 'string',
      updatedAt: '2026-11-22T14:20:00.000Z',
    },
  );
  assert.deepEqual(
    [...store.files.keys()].filter((path) => path.includes('_staging')),
    [],
  );
});

test('a part is named by its window and rows', async () => {
  const store = createLake();
  await putWatermark(store);
  await run(store, createLogs([{ id: 1, at: '2026-11-22T14:01:00.000Z' }]).logs);
  assert.deepEqual(publishedPaths(store), [
    'requests/y=2026/m=11/d=22/h=14/20261122T140000.000Z_20261122T141459.000Z_1.jsonl',
  ]);
});

test('the watermark moves over a window without rows, and no part is written', async () => {
  const store = createLake();
  await putWatermark(store);
  await run(store, createLogs([]).logs);
  assert.equal((await readFile(store)).exportedUntil, '2026-11-22T14:14:59.000Z');
  assert.deepEqual(publishedPaths(store), []);
});

test('a watermark that cannot be understood fails the run and stays as it is', async () => {
  for (const [text, found] of [
    ['{"version":1,', /not JSON/],
    ['[]', /found \[\], expected a JSON object/],
    ['{"version":2}', /"version": 2, expected 1/],
  ] as const) {
    const store = createLake();
    await putWatermark(store, {}, text);
    const { logs, asked } = createLogs([]);
    await assert.rejects(run(store, logs), (error: unknown) => {
      assert.ok(error instanceof RunError);
      assert.match(error.message, /requests\/_watermark\.json/);
      assert.match(error.message, found);
      return error.report.outcome === 'failed';
    });
    assert.equal((await store.read(PATH))?.text, text);
    assert.deepEqual(asked, []);
  }
});

test('each damaged field is named with what was expected', async () => {
  for (const fields of [
    { export: 'traces' },
    { source: 5 },
    { exportedUntil: '2026-11-22T14:00:00.0001Z' },
    { exportedUntil: '22.11.2026' },
    { windowMs: 0 },
    { publishing: {} },
    { publishing: [{ staged: 'other/x', path: 'requests/x', rows: 1, bytes: 1, etag: 'e' }] },
    { publishing: [{ staged: 'requests/_staging/../../x', path: 'requests/x', rows: 1, bytes: 1, etag: 'e' }] },
    { runId: '' },
    { updatedAt: null },
  ]) {
    const store = createLake();
    await putWatermark(store, fields);
    const [name] = Object.keys(fields);
    await assert.rejects(run(store, createLogs([]).logs), new RegExp(`found "${name}.*, expected`));
  }
});

test('a watermark that was deleted is not made anew beside parts', async () => {
  const store = createLake();
  const { logs } = createLogs([{ id: 1, at: '2026-11-22T14:01:00.000Z' }]);
  await putWatermark(store);
  await run(store, logs);
  await store.remove(PATH);
  await assert.rejects(run(store, logs), /monitorlift start --export requests --at 2026-11-22T14:14:59\.000Z/);
  assert.equal(await store.read(PATH), undefined);
});

test("another workspace's watermark fails the run, and both are named", async () => {
  const store = createLake();
  await putWatermark(store, { source: 'first' });
  await assert.rejects(run(store, createLogs([]).logs), /workspace first, but the settings name workspace workspace/);
});

test('a changed query is logged', async () => {
  const store = createLake();
  await putWatermark(store, { query: 'AppRequests | where Success' });
  const { messages } = await run(store, createLogs([]).logs);
  assert.match(messages.join('\n'), /the query has changed and holds from 2026-11-22T14:00:00.000Z on/);
});

test('parts that a crash has left committed are published before anything is read', async () => {
  const store = createLake();
  const staged = 'requests/_staging/crashed/1.staged';
  const { etag, bytes } = await store.create(staged, createLines('none').encode(toRows([{ id: 1 }])));
  await putWatermark(store, { publishing: [{ staged, path: 'requests/y=2026/x.jsonl', rows: 1, bytes, etag }] });
  await run(store, createLogs([]).logs);
  assert.deepEqual(publishedPaths(store), ['requests/y=2026/x.jsonl']);
  assert.deepEqual((await readFile(store)).publishing, []);
});

test('a committed part that is nowhere any more is named in a warning, and not asked for again', async () => {
  const store = createLake();
  const gone = {
    staged: 'requests/_staging/crashed/1.staged',
    path: 'requests/y=2026/x.jsonl',
    rows: 7,
    bytes: 9,
    etag: 'e',
  };
  await putWatermark(store, { publishing: [gone] });
  const { messages } = await run(store, createLogs([]).logs);
  assert.match(messages.join('\n'), /requests\/y=2026\/x\.jsonl \(7 rows\) is neither there nor in staging/);
});

test('a foreign file under the name of a part is neither overwritten nor taken for it', async () => {
  const store = createLake();
  const staged = 'requests/_staging/crashed/1.staged';
  const path = 'requests/y=2026/x.jsonl';
  const { etag, bytes } = await store.create(staged, createLines('none').encode(toRows([{ id: 1 }])));
  await store.create(path, createLines('none').encode(toRows([{ something: 'else' }])));
  await putWatermark(store, { publishing: [{ staged, path, rows: 1, bytes, etag }] });
  await assert.rejects(run(store, createLogs([]).logs), /is another file .* move it away/);
  assert.equal((await store.read(path))?.text, '{"something":"else"}\n');
  assert.ok(await store.stat(staged));
});

test('an answer that is too large halves the window until it fits, and the size is kept', async () => {
  const store = createLake();
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
  const store = createLake();
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

test('a run that only halved keeps the new window size, and nothing else moves', async () => {
  const store = createLake();
  await putWatermark(store);
  let elapsedMs = 0;
  const { logs } = createLogs([], () => {
    elapsedMs = OPTIONS.budgetMs;
    throw new OversizeError('too slow', { rows: 0, bytes: 0 });
  });
  const controller = new AbortController();
  const clock = { now: () => NOW_MS, elapsed: () => elapsedMs };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  await runExport(OPTIONS, { store, logs, log, clock, newRunId: () => 'halving' }, controller.signal);
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

  const store = createLake();
  await putWatermark(store, { windowMs: 1 });
  await run(store, split(8));
  const names = publishedPaths(store).map((path) => path.slice(path.lastIndexOf('_') + 1));
  assert.deepEqual(names, ['p1of4.jsonl', 'p2of4.jsonl', 'p3of4.jsonl', 'p4of4.jsonl']);

  const other = createLake();
  await putWatermark(other, { windowMs: 1 });
  await assert.rejects(run(other, split(9)), /4 hash parts have 8 rows, but a count of it says 9/);
  assert.deepEqual(publishedPaths(other), []);
  assert.deepEqual([...other.files.keys()], [PATH]);
});

test('a table without _ItemId is exported without, and cannot be split below a millisecond', async () => {
  const logs = (tooLarge: boolean) =>
    createLogs([{ id: 1, at: '2026-11-22T14:01:00.000Z' }], (kql) => {
      if (kql.includes('_ItemId')) throw new NoItemIdError('no _ItemId');
      if (tooLarge) throw new OversizeError('too large', { rows: 1, bytes: 1 });
      return {};
    }).logs;
  const store = createLake();
  await putWatermark(store);
  const { report, messages } = await run(store, logs(false));
  assert.equal(report.rows, 1);
  assert.equal(messages.filter((message) => message.includes('has no _ItemId')).length, 1);
  const other = createLake();
  await putWatermark(other, { windowMs: 1 });
  await assert.rejects(run(other, logs(true)), /AppRequests has no _ItemId to split them by/);
});

test('an export does not begin on a table without ingestion time, or with a column that the export adds', async () => {
  const probed = (columns: string[], lines: object[]) =>
    createLogs([], (kql) => (kql.includes('take 1') ? { columns: toColumns(columns), lines } : {})).logs;
  const noTime = probed(['MonitorLiftIngestionTime'], [{ MonitorLiftIngestionTime: null }]);
  await assert.rejects(run(createLake(), noTime), /ingestion_time\(\) is null in AppRequests/);
  const taken = probed(['ItemId', 'MonitorLiftIngestionTime'], []);
  await assert.rejects(run(createLake(), taken), /already has a column ItemId/);
});

test('an answer read before its rows had settled, by the clock of the service, is thrown away', async () => {
  const store = createLake();
  await putWatermark(store);
  const serviceMs = NOW_MS - 3 * MINUTE_MS;
  const { logs } = createLogs([{ id: 1, at: '2026-11-22T14:01:00.000Z' }], () => ({ asOfMs: serviceMs }));
  const { report, messages } = await run(store, logs);
  assert.match(messages.join('\n'), /clock is at least 179000 ms ahead/);
  assert.equal(report.discardedAnswers, 1);
  assert.equal((await readFile(store)).exportedUntil, new Date(serviceMs - OPTIONS.lagMs).toISOString());
});

test('a watermark beyond the shortest retention gets one warning that names the range', async () => {
  const store = createLake();
  await putWatermark(store, { exportedUntil: '2026-10-01T00:00:00.000Z' });
  const { messages } = await run(store, createLogs([]).logs);
  const warnings = messages.filter((message) => message.includes('may be gone'));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /from 2026-10-01T00:00:00\.000Z to 2026-10-23T14:20:00\.000Z/);
});

test('a stopped run keeps what it has committed and leaves nothing behind', async () => {
  const store = createLake();
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
  assert.deepEqual(
    [...store.files.keys()].filter((path) => path.includes('_staging')),
    [],
  );
});

test('a projection without ItemId is exported with one warning', async () => {
  const store = createLake();
  await putWatermark(store, { windowMs: 5 * MINUTE_MS });
  const { messages } = await run(store, createLogs([], () => ({ columns: toColumns(['id']) })).logs);
  assert.equal(messages.filter((message) => message.includes('drops ItemId')).length, 1);
});
