import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createLakeStore } from '../src/azure/lake/store.ts';
import { createLogs } from '../src/azure/logs/logs.ts';
import { runExport } from '../src/core/exporter.ts';
import { createLines } from '../src/core/formats/lines.ts';
import { createLake } from '../src/core/lake/lake.ts';
import { type Measured, measure, planOf } from '../src/core/plan.ts';
import { openTable } from '../src/core/table.ts';
import { openKeys } from '../src/core/tally.ts';
import { startLake } from '../src/local/lake/lake.ts';
import { startLogsEmulator } from '../src/local/logs/emulator.ts';
import { DEFAULT_LIMITS } from '../src/local/logs/gate.ts';
import { countRequests } from './support/lake-counter.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START_MS = Date.parse('2026-11-22T10:02:17.500Z');
const ROWS_AN_HOUR = 4000;
const OPTIONS = {
  days: 1,
  intervalMs: 5 * MINUTE_MS,
  lagMs: 5 * MINUTE_MS,
  windowMs: HOUR_MS,
  budgetMs: 240_000,
  auditMs: 0,
};

let nowMs = START_MS;
const logs = await startLogsEmulator({ now: () => nowMs });
const lake = await startLake();
before(async () => {
  await lake.createFileSystem('telemetry');
  const hours = 24 + 4;
  const range = { fromMs: START_MS - 26 * HOUR_MS, toMs: START_MS + 2 * HOUR_MS };
  await logs.generate('AppRequests', hours * ROWS_AN_HOUR, { seed: 3, ...range });
});
after(() => Promise.all([logs.close(), lake.close()]));

const clock = { now: () => nowMs, elapsed: () => performance.now() };
const asking = () => ({ signal: AbortSignal.timeout(60_000), timeoutMs: 60_000 });
const log = { debug() {}, info() {}, warn() {}, error() {} };

function open(query = { table: 'AppRequests', rest: '' }) {
  const source = createLogs({ endpoint: new URL(logs.endpoint), credential: undefined });
  return openTable(source, logs.workspaceId, query, clock.now);
}

test('each figure is within 15 % of what the runs of an hour then do', async (t) => {
  const format = createLines('gzip');
  const table = open();
  const plan = planOf(await measure(table, format.encode, OPTIONS, clock, asking()), OPTIONS);
  const counter = await countRequests(lake.url('telemetry'));
  t.after(() => counter.close());
  const sink = createLake({ store: createLakeStore(counter.url, undefined), format, now: clock.now });
  let runs = 0;
  const ports = { sink, table, log, clock, keys: await openKeys(), newRunId: () => `run${++runs}` };
  const options = { ...OPTIONS, name: 'requests', lookbackMs: HOUR_MS / 2, windowsAtOnce: 1 };
  const run = () => runExport(options, ports, new AbortController().signal);
  const did = { rows: 0, jsonBytes: 0, lakeBytes: 0, queries: 0, storageRequests: 0 };
  // The first runs begin, and catch up.
  for (let index = 0; index < 2; index++, nowMs += OPTIONS.intervalMs) await run();
  counter.take();
  for (let index = 0; index < HOUR_MS / OPTIONS.intervalMs; index++, nowMs += OPTIONS.intervalMs) {
    const { rows, answerBytes, bytes, queries } = await run();
    did.rows += 24 * rows;
    did.jsonBytes += 24 * answerBytes;
    did.lakeBytes += 24 * bytes;
    did.queries += 24 * queries;
  }
  did.storageRequests = 24 * counter.take().length;
  for (const [name, value] of Object.entries(did)) {
    const planned = plan[name as keyof typeof did];
    assert.ok(Math.abs(planned / value - 1) < 0.15, `${name}: ${planned} planned, ${value} done`);
  }
  assert.ok(Math.abs(plan.peakRows / (ROWS_AN_HOUR / 3600) - 1) < 0.15, `${plan.peakRows}`);
});

test('a query that keeps a part of the rows is measured as it is, and one without rows is nothing', async () => {
  const rest = 'where DurationMs < 500 | project ItemId, IngestionTime, Name';
  const some = planOf(
    await measure(open({ table: 'AppRequests', rest }), createLines('none').encode, OPTIONS, clock, asking()),
    OPTIONS,
  );
  assert.ok(some.rows > 0.3 * 24 * ROWS_AN_HOUR && some.rows < 0.7 * 24 * ROWS_AN_HOUR, `${some.rows}`);
  assert.ok(some.jsonBytes / some.rows < 150);
  const none = await measure(
    open({ table: 'AppEvents', rest: '' }),
    createLines('none').encode,
    OPTIONS,
    clock,
    asking(),
  );
  const { rows, jsonBytes, lakeBytes, queries, exports } = planOf(none, OPTIONS);
  assert.deepEqual([rows, jsonBytes, lakeBytes, queries, exports], [0, 0, 0, 24 * 13, 1]);
});

test('rows that are too wide for one answer are measured by fewer of them', async (t) => {
  t.after(() => Object.assign(logs.limits, { bytes: DEFAULT_LIMITS.bytes }));
  const whole = await measure(open(), createLines('none').encode, OPTIONS, clock, asking());
  logs.limits.bytes = Math.floor(whole.sample.jsonBytes / 5);
  const { sample } = await measure(open(), createLines('none').encode, OPTIONS, clock, asking());
  assert.ok(sample.rows > 0 && sample.rows < whole.sample.rows / 3, `${sample.rows} of ${whole.sample.rows}`);
  const [narrow, wide] = [sample, whole.sample].map(({ lakeBytes, rows }) => lakeBytes / rows);
  assert.ok(Math.abs((narrow ?? 0) / (wide ?? 1) - 1) < 0.1, `${narrow} and ${wide}`);
});

/** A day of hours like this one: rows of 1 kB, 5 s to an answer's first byte, and 2 s for 40 MB. */
function measured(rowsAnHour: number): Measured {
  const hours = Array.from({ length: 24 }, (_, index) => ({ startMs: index * HOUR_MS, rows: rowsAnHour }));
  const sample = { rows: 10_000, jsonBytes: 1e7, lakeBytes: 4e6, waitMs: 5000, durationMs: 5500 };
  return { days: 1, hours, minutes: [{ startMs: 0, rows: rowsAnHour / 60 }], sample };
}

test('what more than one export carries is said, and takes as many windows', () => {
  // 50 GB a day: 174 MB in five minutes are five windows of 40 MB.
  const one = planOf(measured(50e6 / 24), OPTIONS);
  assert.deepEqual([one.exports, Math.round(one.queries), Math.round(one.jsonBytes / 1e9)], [1, 24 * (12 * 5 + 1), 50]);
  // 40 MB in 7 s, for 240 s of 300: 395 GB a day.
  assert.equal(planOf(measured(800e6 / 24), OPTIONS).exports, 3);
  assert.equal(one.backfillDays.toFixed(1), ((90 * 50) / 395).toFixed(1));
  // Five windows of 34 MB in each run and one more an hour, 6.7 s each.
  assert.equal(Math.round(one.gbSeconds / 288 / 2), 34);
  const audited = planOf(measured(1000), { ...OPTIONS, auditMs: HOUR_MS });
  assert.equal(audited.queries - planOf(measured(1000), OPTIONS).queries, 24);
});
