// npm run demo: a real service, its telemetry through Logs into a Data Lake, all on this machine. Ends by itself; exit
// code 0 when every row of every table is in the lake exactly once.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { formatBytes, formatDuration, formatTable } from '../../core/human.ts';
import { TABLES } from '../../core/kql/tables.ts';
import { type Lake, startLake } from '../lake/lake.ts';
import { type LogsEmulator, startLogsEmulator } from '../logs/emulator.ts';
import { compare } from './compare.ts';
import { createLakeReader } from './lake-reader.ts';
import { startSample } from './load.ts';

/** What `monitorlift run --json` prints for each run, as far as it is used here. */
interface RunRecord {
  readonly export: string;
  readonly rows: number;
  readonly parts: number;
  readonly queries: number;
  readonly discardedAnswers: number;
  readonly lagSeconds: number;
}

const FILE_SYSTEM = 'telemetry';
const LOAD_MS = 8_000;
const ROWS_PER_TABLE = 5_000;
/** More than one answer can hold: 64 MB. */
const BURST_ROWS = 90_000;
const HOUR_MS = 3_600_000;

const startedAt = performance.now();
const stop = new AbortController();
process.once('SIGINT', () => stop.abort(new Error('stopped by Ctrl-C')));
process.once('SIGTERM', () => stop.abort(new Error('stopped')));

function say(text: string): void {
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}

/** Runs `monitorlift run --once` on the emulators, as a process of its own. */
async function runExports(logs: LogsEmulator, lake: Lake): Promise<RunRecord[]> {
  stop.signal.throwIfAborted();
  const command = join(import.meta.dirname, '../../cli/main.ts');
  const child = spawn(process.execPath, [command, 'run', '--once', '--json'], {
    env: {
      ...process.env,
      APPINSIGHTS_WORKSPACE_ID: logs.workspaceId,
      LOGS_ENDPOINT: logs.endpoint,
      SINK_URL: lake.url(FILE_SYSTEM),
      EXPORT_LAG_MINUTES: '0', // rows are visible here as soon as they are ingested
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const kill = () => child.kill();
  stop.signal.addEventListener('abort', kill);
  const exited = once(child, 'exit');
  const lines = (await Array.fromAsync(child.stdout.setEncoding('utf8'))).join('').split('\n').filter(Boolean);
  const [code] = await exited;
  stop.signal.removeEventListener('abort', kill);
  stop.signal.throwIfAborted();
  if (code !== 0) throw new Error(`monitorlift run --once ended with exit code ${code}:\n${lines.join('\n')}`);
  return lines.map((line): RunRecord => JSON.parse(line));
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
async function exportLive(logs: LogsEmulator, lake: Lake): Promise<number> {
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
    const live = await runExports(logs, lake);
    say(`while telemetry arrives: ${summarize(live)}`);
    say(`the service has answered ${await loaded} requests`);
    stop.signal.throwIfAborted();
    return live.reduce((total, report) => total + report.discardedAnswers, 0);
  } finally {
    await sample.close();
  }
}

async function showAgreement(logs: LogsEmulator, lake: Lake, reports: readonly RunRecord[]): Promise<boolean> {
  const reader = createLakeReader(lake.url(FILE_SYSTEM));
  const rows = [['export', 'rows in Logs', 'rows in the lake', 'parts', 'bytes', 'lag']];
  const differences: string[] = [];
  for (const [name, table] of Object.entries(TABLES)) {
    const found = await compare(name, table, logs, reader);
    const lagMs = 1000 * (reports.find((report) => report.export === name)?.lagSeconds ?? 0);
    const { rowsInLogs, rowsInLake, parts, bytes } = found;
    rows.push([name, String(rowsInLogs), String(rowsInLake), String(parts), formatBytes(bytes), formatDuration(lagMs)]);
    differences.push(...found.differences.map((difference) => `${name}: ${difference}`));
  }
  console.log(`\n${formatTable(rows).join('\n')}\n`);
  for (const difference of differences) console.log(difference);
  return differences.length === 0;
}

async function demo(): Promise<boolean> {
  const logs = await startLogsEmulator();
  try {
    const lake = await startLake();
    try {
      await lake.createFileSystem(FILE_SYSTEM);
      say(`Logs emulator at ${logs.endpoint}, Data Lake at ${lake.url(FILE_SYSTEM)}`);
      const cut = await exportLive(logs, lake);
      await setTimeout(2_000, undefined, { signal: stop.signal }); // the horizon: one second before now
      const reports = await runExports(logs, lake);
      say(`the rest: ${summarize(reports)}`);
      const same = await showAgreement(logs, lake, reports);
      if (cut === 0) console.log('No answer was cut at the limits: the demo has not shown what it should.');
      say(same ? 'every row of Logs is in the lake exactly once, cell by cell' : 'Logs and the lake DIFFER');
      return same && cut > 0;
    } finally {
      await lake.close();
    }
  } finally {
    await logs.close();
  }
}

try {
  process.exitCode = (await demo()) ? 0 : 1;
} catch (error) {
  console.error(stop.signal.aborted ? `\n${stop.signal.reason.message}` : error);
  process.exitCode = stop.signal.aborted ? 130 : 1;
}
