import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startLogsEmulator } from '../src/local/logs/emulator.ts';
import { startPostgres } from '../src/local/postgres/server.ts';
import { runCli } from './support/cli.ts';
import { PROCESS_ENV } from './support/cli-folder.ts';
import { checkEachOnce, ingestNamed, minutesAgo } from './support/e2e-world.ts';

const server = await startPostgres();
const logs = await startLogsEmulator();
after(() => Promise.all([server[Symbol.asyncDispose](), logs.close()]));

test('the command exports into a database, looks at it, and says what is set for nothing', async () => {
  const database = await server.createDatabase();
  const env = {
    ...PROCESS_ENV,
    APPINSIGHTS_WORKSPACE_ID: logs.workspaceId,
    LOGS_ENDPOINT: logs.endpoint,
    SINK_URL: database.url.href,
    PGPASSWORD: database.password,
    EXPORTS: 'requests,traces',
    EXPORT_LAG_MINUTES: '0',
  };
  const names = await ingestNamed(logs, 'AppRequests', 500, minutesAgo(5));
  const monitorlift = (...args: string[]) => runCli(args, env, import.meta.dirname);

  const checked = await monitorlift('check');
  assert.equal(checked.code, 0, checked.stdout);
  assert.match(checked.stdout, /^ok {3}sink: .*keeps conditions$/m);
  const ran = await monitorlift('run', '--once');
  assert.equal(ran.code, 0, ran.stdout);
  assert.match(ran.stderr, /^\S+ info requests: "monitorlift"."requests" is made, with \d+ columns$/m);
  checkEachOnce(await database.sql('select OperationName as "OperationName" from monitorlift.requests'), names);
  const status = await monitorlift('status');
  assert.equal(status.code, 0, status.stdout);
  const again = await monitorlift('run', '--once', '--export', 'requests');
  assert.match(again.stdout, /exported 0 rows/);

  const shown = JSON.stringify([checked, ran, status, again]);
  assert.ok(!shown.includes(database.password), 'the password is shown nowhere');
  const formatted = await runCli(['status'], { ...env, EXPORT_FORMAT: 'parquet' }, import.meta.dirname);
  assert.equal(formatted.code, 2);
  assert.match(formatted.stderr, /EXPORT_FORMAT: has no effect/);
});
