import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { newReport, type RunReport } from '../src/core/run.ts';
import { toBeginning, toRecord } from '../src/core/run-record.ts';
import { type LogsEmulator, startLogsEmulator } from '../src/local/logs/emulator.ts';
import { rows } from './support/logs-client.ts';

// What alerts and workbook ask, over the records of runs as they are logged.

const NOW = Date.parse('2026-11-22T14:05:00.251Z');
const HOUR_MS = 3_600_000;
const KQL = join(import.meta.dirname, '..', 'infra', 'kql');

function recordOf(name: string, runId: string, changes: Partial<RunReport>): string {
  return JSON.stringify(toRecord(Object.assign(newReport(name, runId), changes)));
}

const live = { exportedFromMs: NOW - 600_000, exportedUntilMs: NOW - 301_250, lagMs: 301_250 };
const backfill = { id: 'b', fromMs: NOW - 9 * HOUR_MS, untilMs: NOW - 5 * HOUR_MS, exportedUntilMs: NOW - 8 * HOUR_MS };
/** One a minute. */
const RECORDS = [
  recordOf('requests', '1', {
    ...live,
    completeUntilMs: NOW - 7 * HOUR_MS,
    audited: { complete: 3, fewer: 1, taken: 2, late: 0 },
  }),
  recordOf('requests', '2', { ...live, late: 12, rows: 12 }),
  recordOf('requests', '3', { ...live, late: 3, audited: { complete: 1, fewer: 0, taken: 0, late: 0 }, backfill }),
  recordOf('traces', '4', { ...live, completeUntilMs: NOW - 6 * HOUR_MS }),
  // The command `backfill`: far behind, and no business of the lag's.
  recordOf('traces', '5', { backfill, rows: 7 }),
  // As versions before the audit had it.
  JSON.stringify({
    event: 'run',
    export: 'old',
    runId: '6',
    outcome: 'exported',
    exportedUntil: new Date(NOW - 60_000),
    rows: 5,
  }),
];

/** Minutes ago. The second run was cut off, the third may still go on. */
const BEGAN = [
  ['requests', '1', 20],
  ['requests', 'cut', 18],
  ['requests', '3', 5],
  ['requests', 'underway', 5],
] as const;

let emulator: LogsEmulator;

before(async () => {
  emulator = await startLogsEmulator({ now: () => NOW });
  for (const [minute, Message] of RECORDS.entries()) {
    const TimeGenerated = new Date(NOW - 600_000 + minute * 60_000).toISOString();
    await emulator.ingest('AppTraces', [{ TimeGenerated, Message }]);
  }
  for (const [name, runId, minutes] of BEGAN) {
    const TimeGenerated = new Date(NOW - minutes * 60_000).toISOString();
    await emulator.ingest('AppTraces', [
      { TimeGenerated, Message: JSON.stringify(toBeginning(newReport(name, runId))) },
    ]);
  }
});
after(() => emulator.close());

/** @param end of the workbook's time range, as KQL. */
async function ask(name: string, end = 'now()'): Promise<readonly (readonly unknown[])[]> {
  const [runs, query] = await Promise.all(['runs', name].map((each) => readFile(join(KQL, `${each}.kql`), 'utf8')));
  return rows(emulator, `${runs}${query}`.replace('let end = now();', `let end = ${end};`));
}

test('hours that are not what Logs has are counted for the alert, by export', async () => {
  assert.deepEqual(await ask('hours'), [['requests', 3]]);
  assert.deepEqual(
    (await ask('workbookHours')).map(([, ...cells]) => cells),
    [['requests', '1', 1, 2]],
  );
});

test('a backfill is not taken for the lag of its export, nor for its last run', async () => {
  const lags = new Map((await ask('lag')).map(([name, seconds]) => [name, seconds]));
  assert.deepEqual([lags.get('requests'), lags.get('traces'), lags.get('old')], [301, 301, 60]);
  const now = (await ask('workbookNow')).find(([name]) => name === 'traces');
  assert.deepEqual(now?.slice(2, 6), ['exported', '2026-11-22T13:59:59.001Z', 5, '2026-11-22T08:05:00.251Z']);
  const [progress] = await ask('workbookBackfills');
  assert.deepEqual(progress?.slice(0, 1).concat(progress.slice(2)), [
    'traces',
    new Date(backfill.exportedUntilMs).toISOString(),
    new Date(backfill.untilMs).toISOString(),
  ]);
});

test('a run that began and did not end is one of the failures, once nothing of it can still come', async () => {
  assert.deepEqual(await ask('failures'), [['requests', 1]]);
  assert.deepEqual(
    (await ask('workbookCutOff')).map(([, ...cells]) => cells),
    [['requests', 'cut']],
  );
});

test('whether a run was cut off is asked as of the end of the time range that was chosen', async () => {
  const cutOff = async (minutes: number) => {
    const end = new Date(NOW - minutes * 60_000).toISOString();
    return (await ask('workbookCutOff', `datetime(${end})`)).map(([, , runId]) => runId);
  };
  assert.deepEqual([await cutOff(2), await cutOff(4)], [['cut'], []]);
  const template = await readFile(join(KQL, '..', 'azuredeploy.json'), 'utf8');
  assert.ok(template.includes("'let end = now();', 'let end = {TimeRange:end};'"));
});

test('late rows are summed by export', async () => {
  const late = await ask('workbookLate');
  assert.equal(
    late.reduce((sum, row) => sum + Number(row.at(-1)), 0),
    15,
  );
  assert.deepEqual(new Set(late.map((row) => row.find((cell) => cell === 'requests'))), new Set(['requests']));
});

test('the fields of a record are flat, and only ever added', () => {
  const record = JSON.parse(RECORDS[2] ?? '');
  const before = 'event export runId exportedFrom exportedUntil lagSeconds windows parts rows bytes queries retries';
  const old = `${before} discardedAnswers discardedBytes answerBytes durationMs outcome`;
  for (const name of old.split(' ')) assert.ok(name in record, name);
  for (const [name, value] of Object.entries(record)) assert.notEqual(typeof value, 'object', name);
  assert.deepEqual([record.late, record.auditedComplete, record.auditedFewer, record.auditedTaken], [3, 1, 0, 0]);
  assert.equal(record.backfillExportedUntil, new Date(backfill.exportedUntilMs).toISOString());
});
