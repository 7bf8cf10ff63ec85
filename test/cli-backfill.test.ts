import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { type LogsEmulator, startLogsEmulator } from '../src/local/logs/emulator.ts';
import { HOUR_MS, send, useCliFolder } from './support/cli-folder.ts';

const use = useCliFolder();
const NOW = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;

let logs: LogsEmulator;

before(async () => {
  logs = await startLogsEmulator();
  for (const [hours, rows] of [
    [40, 30],
    [30, 20],
    [20, 10],
  ] as const) {
    await logs.generate('AppRequests', rows, {
      seed: hours,
      fromMs: NOW - hours * HOUR_MS,
      toMs: NOW - (hours - 1) * HOUR_MS,
    });
  }
});
after(() => logs.close());

const ago = (hours: number) => new Date(NOW - hours * HOUR_MS).toISOString();
const lines = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Settings for the emulator; the export begins 25 hours ago. */
async function begin(): Promise<void> {
  use.env = {
    ...use.env,
    APPINSIGHTS_WORKSPACE_ID: logs.workspaceId,
    LOGS_ENDPOINT: logs.endpoint,
    EXPORTS: 'requests',
    EXPORT_LAG_MINUTES: '0',
  };
  assert.equal((await use.cli('start', '--at', ago(25))).code, 0);
  assert.equal((await use.cli('run', '--once')).code, 0);
}

test('backfill says what it will ask, exports it, and verify finds every row', async () => {
  await begin();
  const { code, stdout, stderr } = await use.cli('backfill', '--from', ago(45));
  assert.equal(stderr, '');
  assert.match(
    stdout,
    /^requests: \S+Z to \S+Z: 50 rows in \d+ h \d+ min, at most \d+ in a day; the oldest row of the table is of \S+Z\nrequests: done; exported 50 rows in 2 parts \(\S+ kB\), took .+\n$/,
  );
  assert.equal(code, 0);
  const again = await use.cli('backfill', '--from', ago(45));
  assert.equal(again.stdout, 'requests: nothing to do: it has been exported from there on\n');
  const verified = await use.cli('verify', '--from', ago(45), '--to', ago(0), '--read', '--json');
  const total = lines(verified.stdout).at(-1);
  assert.deepEqual([total.states, total.logsRows, total.sinkRows], [{ complete: 45 }, 60, 60]);
  assert.equal(verified.code, 0);
});

test('verify shows a table, and ends with 1 when rows are missing', async () => {
  await begin();
  const good = await use.cli('verify', '--from', ago(21), '--to', ago(19));
  assert.match(good.stdout, /^FROM +IN LOGS +IN THE SINK +LATE +AUDIT +NOW\n/);
  assert.match(good.stdout, /T\d\d:00Z +10 +10 +0 +- +complete\n/);
  assert.match(good.stdout, /requests: 2 hours, 2 complete; 10 rows in Logs, 10 in the sink, 0 of these late\n$/);
  assert.equal(good.code, 0);
  const folder = ago(20).replace(/^(....)-(..)-(..)T(..).*$/, 'y=$1/m=$2/d=$3/h=$4');
  await rm(use.path('lake/requests', folder), { recursive: true });
  const bad = await use.cli('verify', '--from', ago(21), '--to', ago(19));
  assert.match(bad.stdout, /T\d\d:00Z +10 +0 +0 +- +missing: 10 rows not in the sink\n/);
  assert.equal(bad.code, 1);
  const range = ['--from', ago(20), '--to', ago(19), '--export', 'requests'];
  const refused = await use.cli('backfill', '--again', ...range);
  assert.match(refused.stderr, /if no reader took any part of the range, say so with --no-reader-took-any/);
  assert.equal(refused.code, 2);
  const repaired = await use.cli('backfill', '--again', ...range, '--no-reader-took-any', '--json');
  assert.deepEqual([lines(repaired.stdout).at(-1).rows, repaired.code], [10, 0]);
  assert.equal((await use.cli('verify', '--from', ago(21), '--to', ago(19), '--read')).code, 0);
  const twice = await use.cli('backfill', '--again', ...range, '--no-reader-took-any');
  assert.match(twice.stdout, /refused: there is a part of that range, requests\/y=/);
  assert.equal(twice.code, 1);
});

test('a range that waits for its recount is exported again only when its parts are gone', async () => {
  await begin();
  use.env = { ...use.env, EXPORT_AUDIT_HOURS: '48' };
  const folder = ago(20).replace(/^(....)-(..)-(..)T(..).*$/, 'y=$1/m=$2/d=$3/h=$4');
  const repair = async () => {
    const range = ['--from', ago(20), '--to', ago(19), '--export', 'requests'];
    return use.cli('backfill', '--again', ...range, '--no-reader-took-any');
  };
  for (const time of ['first', 'second']) {
    await rm(use.path('lake/requests', folder), { recursive: true });
    const { code, stdout } = await repair();
    assert.match(stdout, /done; its last hours are recounted by the runs to come; exported 10 rows/, time);
    assert.equal(code, 0);
  }
  const { code, stdout } = await repair();
  assert.match(stdout, /^requests: nothing to do: it has been exported again, and its hours are recounted/);
  assert.equal(code, 0);
});

test('a backfill that is stopped is listed in the status, and the same command goes on', async () => {
  await begin();
  use.env = { ...use.env, EXPORT_WINDOW_MINUTES: '5', EXPORT_QUERIES: '1' };
  const started = use.start('backfill', '--from', ago(45), '--json');
  await new Promise<void>((resolve) => started.process.stdout?.once('data', () => resolve()));
  send('SIGINT', started);
  const stopped = await started.result;
  assert.equal(stopped.code, 130);
  use.env = { ...use.env, EXPORT_WINDOW_MINUTES: '60', EXPORT_QUERIES: '5' };
  const [state] = lines((await use.cli('status', '--json')).stdout);
  assert.ok(state.backfills.length <= 1, 'stopped before it was listed, or after');
  assert.equal((await use.cli('backfill', '--from', ago(45))).code, 0);
  assert.deepEqual(lines((await use.cli('status', '--json')).stdout)[0].backfills, []);
  assert.equal((await use.cli('verify', '--from', ago(45), '--to', ago(0), '--read')).code, 0);
});

test('status says how far a listed backfill is', async () => {
  await use.writeWatermark('requests', {
    version: 2,
    commit: 3,
    exportedFrom: ago(10),
    backfills: [{ id: 'run-1', from: ago(10), until: ago(6) }],
  });
  await use.writeWatermark('requests/_backfill/run-1', { export: 'requests', exportedUntil: ago(9) });
  const { stdout } = await use.cli('status', '--export', 'requests');
  assert.match(stdout, /ok; backfill of \S+ to \S+: 25 %\n$/);
});

test('arguments that do not fit are refused in one line, with 2', async () => {
  for (const [args, expected] of [
    [['backfill'], /backfill needs --from TIME/],
    [['backfill', '--from', 'yesterday'], /--from: found "yesterday", expected a UTC time/],
    [['backfill', '--from', ago(-48)], /not in the future/],
    [['backfill', '--from', ago(5), '--to', ago(4)], /--to is for --again/],
    [['backfill', '--from', ago(5), '--no-reader-took-any'], /--no-reader-took-any is for --again/],
    [['backfill', '--from', ago(5), '--again'], /--again needs --to TIME/],
    [['backfill', '--from', ago(5), '--until', ago(6)], /--until: found .* expected a time after --from/],
    [['backfill', '--from', ago(5), '--to', ago(4), '--again'], /--again needs --export NAME/],
    [['verify', '--from', ago(5), '--to', ago(6)], /--to: found .* expected a time after --from/],
    [['verify', '--from', '5'], /--from: found "5", expected a UTC time/],
  ] as const) {
    const { code, stderr } = await use.cli(...args);
    assert.match(stderr, expected);
    assert.equal(code, 2);
  }
});
