import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { TABLES } from '../src/core/kql/tables.ts';
import { DEFAULT_LIMITS } from '../src/local/logs/gate.ts';
import { packApp } from './support/e2e-package.ts';
import { checkEachOnce, ingestNamed, minutesAgo, openWorld, type Sink, type World } from './support/e2e-world.ts';
import { type FunctionsHost, type Invocation, removeApp, startHost } from './support/functions-host.ts';
import { post } from './support/logs-client.ts';

// The package that publish sends, in a folder of its own, loaded and invoked as a host does, against Logs and a Data Lake
// on this machine. What the emulator does not refuse, a table of the Basic plan for instance, is in logs-source.test.ts.

const READINGS = { columns: { TimeGenerated: 'datetime', OperationName: 'string', Points: 'dynamic' } } as const;

let world: World;
let app: string;
let sink: Sink;
/** The app with nothing but the settings of `sink`. Its tests take an export of its own each. */
let host: FunctionsHost;

before(async () => {
  [world, app] = await Promise.all([openWorld({ tables: { Readings_CL: READINGS } }), packApp()]);
  sink = await world.openSink();
  host = await startHost(app, sink.settings());
});
after(async () => {
  await host.stop();
  await Promise.all([world[Symbol.asyncDispose](), removeApp(app)]);
});
beforeEach(() => {
  Object.assign(world.logs.limits, DEFAULT_LIMITS);
});

/** Runs the app with other settings, in a process of its own. */
async function withHost<T>(settings: Record<string, string>, use: (other: FunctionsHost) => Promise<T>): Promise<T> {
  const other = await startHost(app, settings);
  try {
    return await use(other);
  } finally {
    await other.stop();
  }
}

/** What an invocation that did not fail logged last: its run as one line of JSON. */
function recordOf({ error, logs }: Invocation): Record<string, unknown> {
  assert.equal(error, undefined);
  const line = logs.at(-1)?.message ?? '';
  assert.match(line, /^\{"event":"run"[^\n]*\}$/);
  return JSON.parse(line);
}

test('runs by hand during a scheduled one, in its process and in another, do not fail, and each row is there once', async () => {
  const names: string[] = [];
  for (let minute = 12; minute <= 26; minute += 2)
    names.push(...(await ingestNamed(world.logs, 'AppTraces', 20, minutesAgo(minute))));
  const byHand = {}; // what the portal sends is no timer
  const invocations = await withHost(sink.settings(), (other) =>
    Promise.all([
      host.invoke('exportTraces'),
      host.invoke('exportTraces', byHand),
      other.invoke('exportTraces', byHand),
    ]),
  );
  const outcomes = invocations.map((invocation) => recordOf(invocation).outcome);
  assert.ok(outcomes.includes('exported'), String(outcomes));
  for (const outcome of outcomes) assert.match(String(outcome), /^(exported|superseded)$/);
  checkEachOnce(await sink.rows('traces'), names);
  recordOf(await host.invoke('exportTraces'));
  checkEachOnce(await sink.rows('traces'), names);
});

test('queries of the settings filter, project, extend and expand, in each compression', async () => {
  const at = minutesAgo(20);
  await ingestNamed(world.logs, 'AppRequests', 4, at, (index) => ({ DurationMs: 1000 * index }));
  await ingestNamed(world.logs, 'Readings_CL', 2, at, (index) => ({ Points: `[${index},{"deep":true},"text"]` }));
  for (const [compression, extension] of [
    ['zstd', '.jsonl.zst'],
    ['none', '.jsonl'],
  ] as const) {
    const own = await world.openSink();
    const settings = own.settings({
      EXPORTS: 'slow,points',
      EXPORT_COMPRESSION: compression,
      SLOW_KQL:
        'AppRequests | where DurationMs > 1500 | project ItemId, Seconds = DurationMs / 1000 | extend Unit = "s" // slow',
      POINTS_KQL: 'Readings_CL | mv-expand Points | where tostring(Points) != "text"',
    });
    await withHost(settings, async (other) => {
      assert.equal(recordOf(await other.invoke('exportSlow')).rows, 2);
      assert.equal(recordOf(await other.invoke('exportPoints')).rows, 4);
    });
    assert.deepEqual(
      (await own.rows('slow')).map(({ ItemId, ...rest }) => [typeof ItemId, rest]),
      [2, 3].map((Seconds) => ['string', { Seconds, Unit: 's' }]),
    );
    assert.deepEqual(
      (await own.rows('points')).map((row) => row.Points),
      ['0', { deep: true }, '1', { deep: true }],
    );
    for (const { path } of [...(await own.parts('slow')), ...(await own.parts('points'))])
      assert.ok(path.endsWith(extension), path);
  }
});

for (const [limit, value, name, functionName] of [
  ['rows', 100, 'pageViews', 'exportPageViews'],
  ['bytes', 60_000, 'availabilityResults', 'exportAvailabilityResults'],
] as const) {
  test(`an answer that is cut at its limit of ${limit} is thrown away and its window halved, until all rows are there`, async () => {
    const names: string[] = [];
    for (let minute = 10; minute < 20; minute++)
      names.push(...(await ingestNamed(world.logs, TABLES[name] ?? '', 60, minutesAgo(minute))));
    world.logs.limits[limit] = value;
    const record = recordOf(await host.invoke(functionName));
    assert.ok(Number(record.discardedAnswers) >= 1, JSON.stringify(record));
    assert.equal(record.rows, names.length);
    checkEachOnce(await sink.rows(name), names);
    for (const { lines } of await sink.parts(name)) if (limit === 'rows') assert.ok(lines.length <= value);
  });
}

test('rows of one tick that no answer can hold come in parts by hash', async () => {
  const names = await ingestNamed(world.logs, 'AppEvents', 500, minutesAgo(20, '1230001'));
  world.logs.limits.rows = 100;
  const record = recordOf(await host.invoke('exportCustomEvents'));
  const parts = await sink.parts('customEvents');
  const [, of = ''] = /_p\d+of(\d+)\.jsonl\.gz$/.exec(parts[0]?.path ?? '') ?? [];
  assert.ok(Number(of) >= 5, parts[0]?.path);
  assert.ok(parts.every(({ path, lines }) => path.includes(`of${of}.`) && lines.length <= 100));
  assert.equal(record.parts, parts.length);
  checkEachOnce(await sink.rows('customEvents'), names);
});

test('a throttled query is asked again after the time that Logs names', async () => {
  const names = await ingestNamed(world.logs, 'AppDependencies', 2, minutesAgo(20));
  Object.assign(world.logs.limits, { queries: 0, queueMs: 1 });
  const throttled = world.logs.counters.throttled;
  const invocation = host.invoke('exportDependencies');
  while (world.logs.counters.throttled === throttled) await setTimeout(5);
  world.logs.limits.queries = DEFAULT_LIMITS.queries;
  const record = recordOf(await invocation);
  assert.ok(Number(record.retries) >= 1);
  checkEachOnce(await sink.rows('dependencies'), names);
});

test('the line that a run logs has each field that alerts and workbook read', async () => {
  const invocation = await host.invoke('exportExceptions');
  const record = recordOf(invocation);
  const runs = await readFile(new URL('../infra/kql/runs.kql', import.meta.url), 'utf8');
  const fields = [...runs.matchAll(/run\["(\w+)"\]/g)].map(([, field = '']) => field);
  assert.ok(fields.length > 10);
  // A run that succeeds has no reason to give, and this one works off no backfill.
  const given = fields.filter((field) => field !== 'reason' && !field.startsWith('backfill'));
  for (const field of given) assert.notEqual(record[field], undefined, field);
  // The alerts' own query reads it, once it is a trace of the exporter.
  await world.logs.ingest('AppTraces', [{ Message: invocation.logs.at(-1)?.message }], {
    ingestionTicks: minutesAgo(40),
  });
  const answer = await post(world.logs, { query: `${runs}\nruns | where Export == "exceptions"` });
  const { tables } = (await answer.json()) as { tables: { columns: { name: string }[]; rows: unknown[][] }[] };
  const [table] = tables;
  const row = Object.fromEntries((table?.columns ?? []).map(({ name }, index) => [name, table?.rows[0]?.[index]]));
  assert.deepEqual(
    [row.RunId, row.Outcome, row.LagSeconds, row.Queries, row.DurationMs],
    [record.runId, 'exported', record.lagSeconds, record.queries, record.durationMs],
  );
  assert.equal(Date.parse(String(row.ExportedUntil)), Date.parse(String(record.exportedUntil)));
});

test('a timer starts each of the ten functions, and its rows are in the lake', async () => {
  const at = minutesAgo(3, '1234567'); // after what the tests before have ingested
  const ingested = new Map<string, string[]>();
  for (const [name, table] of Object.entries(TABLES)) ingested.set(name, await ingestNamed(world.logs, table, 3, at));
  for (const { bindings } of host.functions) {
    assert.match(String(Object.values(bindings)[0]?.schedule), /^\d+ \*\/5 \* \* \* \*$/);
  }
  const own = await world.openSink();
  const records = await withHost(own.settings({ EXPORT_LOOKBACK_HOURS: '0.1' }), ({ functions, invoke }) =>
    Promise.all(functions.map(async ({ name }) => recordOf(await invoke(name)))),
  );
  assert.deepEqual(
    records.map((record) => [record.export, record.outcome, record.rows]),
    Object.keys(TABLES).map((name) => [name, 'exported', 3]),
  );
  for (const [name, names] of ingested) {
    const parts = await own.parts(name);
    assert.equal(parts.length, 1, name);
    assert.match(parts[0]?.path ?? '', /_3\.jsonl\.gz$/);
    const rows = await own.rows(name);
    checkEachOnce(rows, names);
    for (const row of rows) assert.equal(row.IngestionTime, at);
    assert.equal(new Set(rows.map((row) => row.ItemId)).size, 3);
  }
});
