import { cp, rm } from 'node:fs/promises';
import type { RunReport } from '../src/core/run.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/core/window.ts';
import type { Day } from './logs-server.ts';
import { runContender, spreadOf, WORKSPACE_ID, withServer } from './measure.ts';
import { newSink, type Row, type Scene, type Table } from './scene.ts';
import type { Taken, Task } from './task.ts';
import { round } from './throughput.ts';

const ROWS = 1_000_000;
/** One in 10,000. */
const LATE_ROWS = 100;
/** As timers ask: a part every five minutes. */
const WINDOW_MS = 5 * MINUTE_MS;
/** Of ten columns, so that rows are as narrow as in the other measurements. */
const REQUESTS_KQL =
  'AppRequests | project TimeGenerated, Name, ResultCode, Success, DurationMs, OperationId, Id, AppRoleName, IngestionTime, ItemId';

/** What the recount of a day takes, when nothing is late and when a few rows of each hour are. */
export async function measureAudit(scene: Scene): Promise<Table> {
  const toMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const day: Day = { workspaceId: WORKSPACE_ID, rows: ROWS, fromMs: toMs - DAY_MS, toMs };
  const taken = { export: [] as Taken[], quiet: [] as Taken[], late: [] as Taken[], after: [] as Taken[] };
  await withServer('logs-server.ts', day, async (env, ask) => {
    const run = (sink: string, rows: number, settings: Task['env']) =>
      runContender(scene, {
        contender: 'ours',
        env: { ...env, ...settings, REQUESTS_KQL, SINK_URL: sink },
        shape: 'narrow',
        rows,
        startMs: day.fromMs,
        windowMs: WINDOW_MS,
        isQuiet: true,
      });
    const exported = await newSink(scene, 'directory');
    // So long that no hour has settled when it is read, and none is due.
    taken.export.push(await run(exported, ROWS, { EXPORT_WINDOW_MINUTES: '5', EXPORT_AUDIT_HOURS: '48' }));
    const audit = async (times: readonly Taken[][]) => {
      const sink = await newSink(scene, 'directory');
      await cp(new URL(exported), new URL(sink), { recursive: true });
      // All hours are due.
      for (const all of times) all.push(await run(sink, 0, { EXPORT_AUDIT_HOURS: '0.0001' }));
      await rm(new URL(sink), { recursive: true });
    };
    for (let turn = 0; turn < scene.repeats; turn++) await audit([taken.quiet]);
    await ask(LATE_ROWS);
    for (let turn = 0; turn < scene.repeats; turn++) await audit([taken.late, taken.after]);
  });
  check('complete hours, nothing late', taken.quiet, ({ audited }) => audited.complete, DAY_MS / HOUR_MS);
  check('late rows', taken.late, ({ late }) => late, LATE_ROWS);
  check('complete hours, late rows exported', taken.after, ({ audited }) => audited.complete, DAY_MS / HOUR_MS);
  const rows = [
    rowOf('the export of the day', taken.export),
    rowOf('its audit, nothing late', taken.quiet),
    rowOf(`its audit, ${LATE_ROWS} rows late`, taken.late),
    rowOf('the next run', taken.after),
  ];
  return { title: `${ROWS} narrow rows of a day, a part every 5 minutes, in a directory`, rows };
}

/** @throws when a run has not done what is measured. */
function check(what: string, all: readonly Taken[], of: (report: RunReport) => number, expected: number): void {
  for (const { report } of all) {
    const found = report && of(report);
    if (found !== expected) throw new Error(`${what}: found ${found}, expected ${expected}`);
  }
}

function rowOf(what: string, all: readonly Taken[]): Row {
  const of = (value: (taken: Taken) => number) => spreadOf(all.map(value));
  const ms = of((taken) => taken.ms);
  return {
    what,
    'late rows': of(({ report }) => report?.late ?? 0).median,
    queries: of(({ report }) => report?.queries ?? 0).median,
    ms: Math.round(ms.median),
    'min..max ms': `${Math.round(ms.min)}..${Math.round(ms.max)}`,
    'CPU s': round(of(({ cpuMs }) => cpuMs).median / 1000),
    'peak MB': Math.round(of(({ peakBytes }) => peakBytes).median / 1e6),
  };
}
