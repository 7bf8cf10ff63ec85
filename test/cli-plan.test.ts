import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type LogsEmulator, startLogsEmulator } from '../src/local/logs/emulator.ts';
import { HOUR_MS, useCliFolder } from './support/cli-folder.ts';

const ROWS = 24_000;
const use = useCliFolder();
let logs: LogsEmulator;

before(async () => {
  logs = await startLogsEmulator();
  const toMs = Date.now();
  for (const table of ['AppRequests', 'AppTraces'])
    await logs.generate(table, 2 * ROWS, { seed: 5, fromMs: toMs - 48 * HOUR_MS, toMs });
});
after(() => logs.close());

function plan(env: Record<string, string>, ...args: string[]) {
  use.env = { ...use.env, APPINSIGHTS_WORKSPACE_ID: logs.workspaceId, LOGS_ENDPOINT: logs.endpoint, ...env };
  return use.cli('plan', ...args);
}

test('each export is a line, and all together one', async () => {
  const { code, stdout, stderr } = await plan({ EXPORTS: 'requests,traces,pageViews' }, '--days', '1');
  assert.equal(code, 0, stderr);
  const lines = stdout.trimEnd().split('\n');
  assert.match(lines[0] ?? '', /^A DAY +ROWS +JSON +LAKE +PEAK\/S +QUERIES +REQUESTS +GB-S +90 DAYS TAKE$/);
  assert.deepEqual(
    lines.slice(1).map((line) => line.split(/ +/)[0]),
    ['requests', 'traces', 'pageViews', 'all'],
  );
  assert.match(lines[1] ?? '', /^requests +24\d{3} +\d+\.\d MB +\d+\.\d MB +0\.\d +336 .*\d (s|min|h)$/);
  assert.match(lines[3] ?? '', /^pageViews +0 +0 bytes/);
});

test('for machines a line is an object, and the schedule counts', async () => {
  const env = { EXPORTS: 'requests', EXPORT_SCHEDULE: '0 */15 * * * *', EXPORT_AUDIT_HOURS: '0' };
  const { code, stdout } = await plan(env, '--json', '--days', '1');
  assert.equal(code, 0);
  const { export: name, rows, queries, exports } = JSON.parse(stdout);
  assert.deepEqual([name, Math.round(rows / 1000), queries, exports], ['requests', 24, 24 * 5, 1]);
});

test('an export that cannot be measured does not hide the others, and wrong days are said', async () => {
  const env = { EXPORTS: 'requests', WRONG_KQL: 'Nothing_CL', DROPS_KQL: 'AppTraces | project Message' };
  const { code, stdout, stderr } = await plan(env, '--days', '1');
  assert.equal(code, 1);
  assert.match(stdout, /\nrequests +24/);
  assert.match(stderr, /error wrong: Logs refused the query/);
  assert.match(stderr, /error drops: .*IngestionTime/);
  for (const days of ['0', '91', 'x']) {
    const wrong = await plan(env, '--days', days);
    assert.deepEqual(
      [wrong.code, wrong.stderr.includes(`--days is a whole number from 1 to 90, found "${days}"`)],
      [2, true],
    );
  }
});
