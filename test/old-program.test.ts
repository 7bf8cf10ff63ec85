import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { type App, createApp } from '../src/app.ts';
import type { RunReport } from '../src/core/run.ts';
import { parseSettings } from '../src/settings/settings.ts';
import { type EmulatorProxy, lakeRefusal, logsRefusal, startProxy } from './support/e2e-proxy.ts';
import { checkEachOnce, ingestNamed, minutesAgo, openWorld, type Sink, type World } from './support/e2e-world.ts';

// The ordinary conditions in which the program that this one succeeds loses or doubles rows, or stops for ever. Some hold
// elsewhere, exactly as here:
// - a window has no rows: exporter.test.ts, 'the watermark moves over a window without rows, and no part is written'
// - 200 with a partial result: end-to-end.test.ts, 'an answer that is cut at its limit of rows is thrown away ...'
// - two runs at once: end-to-end.test.ts, 'runs by hand during a scheduled one ...'
// - killed and started again: kill.test.ts, 'each row is in the ... sink once, although ... of the runs ... are killed'
// - a damaged watermark: exporter.test.ts, 'a watermark that cannot be understood fails the run and stays as it is'

const PRECISE = {
  columns: {
    TimeGenerated: 'datetime',
    OperationName: 'string',
    Amount: 'decimal',
    Big: 'long',
    Id: 'guid',
    NoId: 'guid',
  },
} as const;

let world: World;
let sink: Sink;
let proxies: EmulatorProxy[] = [];

before(async () => {
  world = await openWorld({ tables: { Precise_CL: PRECISE } });
});
after(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  sink = await world.openSink();
});
afterEach(async () => {
  await Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
  proxies = [];
});

async function proxy(...args: Parameters<typeof startProxy>): Promise<string> {
  const started = await startProxy(...args);
  proxies.push(started);
  return started.url;
}

function open(name: string, more: Record<string, string> = {}): App {
  return createApp(parseSettings(sink.settings({ EXPORTS: name, ...more })));
}

/** Runs the only export of an app. */
async function run(app: App): Promise<RunReport> {
  const [exported] = app.settings.exports;
  assert.ok(exported);
  const quiet = () => undefined;
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  return await app.run(exported, { log }, new AbortController().signal);
}

test('the watermark reaches now: nothing younger than the lag is read, and it is exported when it is old enough', async () => {
  const settled = await ingestNamed(world.logs, 'AppTraces', 3, minutesAgo(8));
  const young = await ingestNamed(world.logs, 'AppTraces', 3, minutesAgo(4));
  const report = await run(open('traces', { EXPORT_LAG_MINUTES: '6' }));
  checkEachOnce(await sink.rows('traces'), settled);
  assert.ok(Number(report.exportedUntilMs) <= Date.now() - 6 * 60_000 - 1000);
  await run(open('traces', { EXPORT_LAG_MINUTES: '2' }));
  checkEachOnce(await sink.rows('traces'), [...settled, ...young]);
});

test('more than 10,000 rows in a window: all of them are exported', async () => {
  const names = await ingestNamed(world.logs, 'AppMetrics', 12_000, minutesAgo(20));
  const report = await run(open('customMetrics'));
  assert.equal(report.rows, 12_000);
  checkEachOnce(await sink.rows('customMetrics'), names);
});

test('the data file cannot be written: the watermark does not move, and the next run exports the rows', async () => {
  const names = await ingestNamed(world.logs, 'AppRequests', 50, minutesAgo(20));
  let [isRefused, writes] = [true, 0];
  const url = await proxy(sink.url, ({ url, body }) => {
    // Watermarks, which are JSON, may be written all the while.
    const isData = /action=append/.test(url) && !body.startsWith('{');
    if (isData) writes += 1;
    return isRefused && isData ? lakeRefusal(403, 'InsufficientAccountPermissions') : undefined;
  });
  const app = open('requests', { SINK_URL: url, EXPORT_QUERIES: '1' });
  await assert.rejects(run(app), /Cannot write .*\(403 InsufficientAccountPermissions\)/);
  assert.equal(writes, 1);
  const until = Date.parse(String((await sink.watermark('requests'))?.exportedUntil));
  assert.ok(until < Date.parse(minutesAgo(20)), 'the watermark has passed the rows');
  assert.deepEqual(await sink.parts('requests'), []);
  isRefused = false;
  await run(app);
  checkEachOnce(await sink.rows('requests'), names);
});

test('the watermark cannot be read: the run fails, and nothing moves', async () => {
  const names = await ingestNamed(world.logs, 'AppDependencies', 5, minutesAgo(25));
  await run(open('dependencies'));
  const before = [await sink.parts('dependencies'), await sink.watermark('dependencies')];
  const queries = world.logs.counters.queries;
  const url = await proxy(sink.url, ({ method, url }) =>
    method === 'GET' && url.includes('_watermark.json') ? lakeRefusal(403, 'AuthorizationFailure') : undefined,
  );
  await assert.rejects(run(open('dependencies', { SINK_URL: url })), /Cannot read .*_watermark\.json \(403/);
  assert.deepEqual([await sink.parts('dependencies'), await sink.watermark('dependencies')], before);
  assert.equal(world.logs.counters.queries, queries);
  checkEachOnce(await sink.rows('dependencies'), names);
});

test('telemetry arrives late: rows of 47 hours ago that are ingested now are exported', async () => {
  const early = await ingestNamed(world.logs, 'AppPageViews', 2, minutesAgo(27));
  const app = open('pageViews', { EXPORT_LAG_MINUTES: '25' });
  await run(app);
  checkEachOnce(await sink.rows('pageViews'), early);
  const TimeGenerated = minutesAgo(47 * 60, '7654321');
  const late = await ingestNamed(world.logs, 'AppPageViews', 2, minutesAgo(10), () => ({ TimeGenerated }));
  await run(open('pageViews'));
  const rows = await sink.rows('pageViews');
  checkEachOnce(rows, [...early, ...late]);
  assert.equal(rows.filter((row) => row.TimeGenerated === TimeGenerated).length, 2);
});

test('a query that always times out: the window is halved until it answers', async () => {
  const names: string[] = [];
  for (let minute = 9; minute < 27; minute += 4)
    names.push(...(await ingestNamed(world.logs, 'AppEvents', 2, minutesAgo(minute))));
  let timeouts = 0;
  const url = await proxy(world.logs.endpoint, ({ body }) => {
    const [start = '', end = ''] = [...body.matchAll(/datetime\(([^)]+)\)/g)].map(([, time]) => time);
    if (!(Date.parse(end) - Date.parse(start) > 200_000)) return undefined;
    timeouts += 1;
    return logsRefusal(504, 'GatewayTimeout');
  });
  const report = await run(open('customEvents', { LOGS_ENDPOINT: url }));
  assert.ok(timeouts > 0);
  assert.equal(report.discardedAnswers, timeouts);
  checkEachOnce(await sink.rows('customEvents'), names);
});

test("ticks, decimals, guids and nulls: the lake has the API's own digits, byte for byte", async () => {
  const at = minutesAgo(20, '0000009');
  const row = {
    TimeGenerated: minutesAgo(21, '9999999'),
    Amount: '12345678901234567890.0123456789',
    Big: 9007199254740993n,
    Id: '00000000-0000-0000-0000-000000000000',
    NoId: null,
  };
  const [name] = await ingestNamed(world.logs, 'Precise_CL', 1, at, () => row);
  await run(open('precise', { PRECISE_KQL: 'Precise_CL | project-away ItemId' }));
  const [line, ...more] = (await sink.parts('precise')).flatMap(({ lines }) => lines);
  assert.deepEqual(more, []);
  const cells = [
    `"TimeGenerated":"${row.TimeGenerated}"`,
    `"OperationName":"${name}"`,
    '"Amount":"12345678901234567890.0123456789"',
    '"Big":9007199254740993',
    '"Id":"00000000-0000-0000-0000-000000000000"',
    '"NoId":null',
    `"IngestionTime":"${at}"`,
  ];
  assert.equal(line, `{${cells.join(',')}}`);
});
