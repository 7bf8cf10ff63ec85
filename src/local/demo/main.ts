// npm run demo [-- --sink postgresql]: a real service, its telemetry through Logs into a Data Lake or a database, all on
// this machine. Ends by itself; exit code 0 when every row of every table is there exactly once.
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { formatBytes, formatDuration, formatTable } from '../../core/human.ts';
import { TABLES } from '../../core/kql/tables.ts';
import { reasonOf } from '../../core/reason.ts';
import { type LogsEmulator, startLogsEmulator } from '../logs/emulator.ts';
import { type Command, createCommand, type RunRecord } from './command.ts';
import { compare } from './compare.ts';
import { startSample } from './load.ts';
import { type DemoSink, SINKS } from './sink.ts';

const LOAD_MS = 8_000;
const ROWS_PER_TABLE = 5_000;
/** More than one answer can hold: 64 MB. */
const BURST_ROWS = 90_000;
const HOUR_MS = 3_600_000;
const LATE_ROWS = 25;

const startedAt = performance.now();
const stop = new AbortController();
process.once('SIGINT', () => stop.abort(new Error('stopped by Ctrl-C')));
process.once('SIGTERM', () => stop.abort(new Error('stopped')));

function say(text: string): void {
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}

function settingsFor(logs: LogsEmulator, sink: DemoSink): Record<string, string> {
  return {
    ...sink.settings,
    APPINSIGHTS_WORKSPACE_ID: logs.workspaceId,
    LOGS_ENDPOINT: logs.endpoint,
    EXPORT_LAG_MINUTES: '0', // rows are visible here as soon as they are ingested, but for those that are made late
  };
}

function summarize(reports: readonly RunRecord[]): string {
  const sum = (field: 'rows' | 'parts' | 'queries' | 'discardedAnswers') =>
    reports.reduce((total, report) => total + report[field], 0);
  return (
    `exported ${sum('rows')} rows in ${sum('parts')} parts with ${sum('queries')} queries; ` +
    `${sum('discardedAnswers')} answers were too large and asked for again in smaller windows`
  );
}

/** Ingests from a live service and in bulk, and exports meanwhile. Resolves with how many answers were cut. */
async function exportLive(logs: LogsEmulator, command: Command): Promise<number> {
  const sample = await startSample(logs.connectionString);
  try {
    say(`a sample service under load for ${LOAD_MS / 1000} s, instrumented with @azure/monitor-opentelemetry`);
    const loaded = sample.load(AbortSignal.any([AbortSignal.timeout(LOAD_MS), stop.signal]));
    const now = Date.now();
    for (const table of Object.values(TABLES)) {
      await logs.generate(table, ROWS_PER_TABLE, { seed: 1, fromMs: now - 2 * HOUR_MS, toMs: now });
    }
    await logs.generate('AppTraces', BURST_ROWS, { seed: 2, fromMs: now - HOUR_MS, toMs: now - HOUR_MS + 20_000 });
    say(`${ROWS_PER_TABLE} generated rows in every table, and a burst of ${BURST_ROWS} traces in 20 s`);
    const live = await command.run();
    say(`while telemetry arrives: ${summarize(live)}`);
    say(`the service has answered ${await loaded} requests`);
    stop.signal.throwIfAborted();
    return live.reduce((total, report) => total + report.discardedAnswers, 0);
  } finally {
    await sample.close();
  }
}

/** Rows become visible long after their time has been exported, and the audit finds them. Gives the last reports. */
async function showLateRows(logs: LogsEmulator, sink: DemoSink): Promise<RunRecord[]> {
  const rows = Array.from({ length: LATE_ROWS }, (_, index) => ({ Name: `late ${index}` }));
  await logs.ingest('AppEvents', rows, { lateMs: HOUR_MS });
  say(`${LATE_ROWS} custom events become visible only now, an hour after their time`);
  // An hour is recounted some hours after its end: here at once.
  const auditing = createCommand({ ...settingsFor(logs, sink), EXPORT_AUDIT_HOURS: '0.0001' }, stop.signal);
  const late = (await auditing.run()).reduce((sum, report) => sum + report.late, 0);
  say(`the audit has found ${late} of them, and exported them`);
  if (late !== LATE_ROWS) throw new Error(`the audit found ${late} late rows, expected ${LATE_ROWS}`);
  const reports = await auditing.run();
  const { hours, isRight } = await auditing.verify(Date.now() - 4 * HOUR_MS, Date.now());
  say(
    `monitorlift verify --read: ${hours} hours of exports compared, ${isRight ? 'all complete' : 'NOT all complete'}`,
  );
  if (!isRight) throw new Error('monitorlift verify has found hours that are not complete');
  return reports;
}

async function showAgreement(
  logs: LogsEmulator,
  { reader }: DemoSink,
  reports: readonly RunRecord[],
): Promise<boolean> {
  const rows = [['export', 'rows in Logs', `rows in ${reader.name}`, 'parts', 'bytes', 'lag']];
  const differences: string[] = [];
  for (const [name, table] of Object.entries(TABLES)) {
    const found = await compare(name, table, logs, reader);
    const lagMs = 1000 * (reports.find((report) => report.export === name)?.lagSeconds ?? 0);
    const { rowsInLogs, rowsInSink, parts, bytes } = found;
    rows.push([name, String(rowsInLogs), String(rowsInSink), String(parts), formatBytes(bytes), formatDuration(lagMs)]);
    differences.push(...found.differences.map((difference) => `${name}: ${difference}`));
  }
  console.log(`\n${formatTable(rows).join('\n')}\n`);
  for (const difference of differences) console.log(difference);
  return differences.length === 0;
}

async function demo(openSink: () => Promise<DemoSink>): Promise<boolean> {
  const logs = await startLogsEmulator();
  try {
    const sink = await openSink();
    try {
      say(`Logs emulator at ${logs.endpoint}, ${sink.title}`);
      const command = createCommand(settingsFor(logs, sink), stop.signal);
      const cut = await exportLive(logs, command);
      await setTimeout(2_000, undefined, { signal: stop.signal }); // the horizon: one second before now
      say(`the rest: ${summarize(await command.run())}`);
      const same = await showAgreement(logs, sink, await showLateRows(logs, sink));
      if (cut === 0) console.log('No answer was cut at the limits: the demo has not shown what it should.');
      const example = await sink.reader.example?.();
      if (example !== undefined) console.log(`${example}\n`);
      const { name } = sink.reader;
      say(same ? `every row of Logs is in ${name} exactly once, cell by cell` : `Logs and ${name} DIFFER`);
      return same && cut > 0;
    } finally {
      await sink.close();
    }
  } finally {
    await logs.close();
  }
}

/** @throws when there is no such sink. */
function chosenSink(): () => Promise<DemoSink> {
  const { sink } = parseArgs({ options: { sink: { type: 'string', default: 'lake' } } }).values;
  const open = Object.entries(SINKS).find(([name]) => name === sink)?.[1];
  if (open === undefined) throw new Error(`--sink: found "${sink}", expected ${Object.keys(SINKS).join(' or ')}`);
  return open;
}

try {
  process.exitCode = (await demo(chosenSink())) ? 0 : 1;
} catch (error) {
  console.error(stop.signal.aborted ? `\n${stop.signal.reason.message}` : reasonOf(error));
  process.exitCode = stop.signal.aborted ? 130 : 1;
}
