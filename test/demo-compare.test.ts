import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createCommand } from '../src/local/demo/command.ts';
import { compare } from '../src/local/demo/compare.ts';
import { createDatabaseReader } from '../src/local/demo/database-reader.ts';
import { startLogsEmulator } from '../src/local/logs/emulator.ts';
import { startPostgres } from '../src/local/postgres/server.ts';

const ROWS = 300;

const server = await startPostgres();
const logs = await startLogsEmulator();
after(() => Promise.all([server[Symbol.asyncDispose](), logs.close()]));

test('every cell of a database is compared with Logs, and each difference is named', async () => {
  const { url, password, sql } = await server.createDatabase();
  const settings = {
    APPINSIGHTS_WORKSPACE_ID: logs.workspaceId,
    LOGS_ENDPOINT: logs.endpoint,
    SINK_URL: url.href,
    PGPASSWORD: password,
    EXPORTS: 'requests',
    EXPORT_LAG_MINUTES: '0',
  };
  const now = Date.now();
  await logs.generate('AppRequests', ROWS, { seed: 1, fromMs: now - 60_000, toMs: now - 10_000 });
  await createCommand(settings, new AbortController().signal).run();
  const reader = createDatabaseReader(url, password);
  const look = () => compare('requests', 'AppRequests', logs, reader);

  const { bytes, parts, ...same } = await look();
  assert.deepEqual(same, { rowsInLogs: ROWS, rowsInSink: ROWS, differences: [] });
  assert.ok(bytes > 0 && parts > 0);

  const changes = [
    ['success', 'not success', /differs in Success: (true|false) in Logs, (true|false) in the database/],
    ['timegenerated', "timegenerated + interval '1 microsecond'", /differs in TimeGenerated: .* micros: /],
    ['durationms', 'durationms + 1', /differs in DurationMs: /],
    ['itemcount', '2', /differs in ItemCount: 1 in Logs, 2 in the database/],
    ['properties', `'{"tenant":"other"}'`, /differs in Properties: /],
    ['name', 'null', /differs in Name: .* null in the database/],
  ] as const;
  const anyRow = 'where itemid = (select min(itemid) from monitorlift.requests)';
  for (const [column, value, pattern] of changes) {
    await sql(`create table kept as select * from monitorlift.requests ${anyRow}`);
    await sql(`update monitorlift.requests set ${column} = ${value} ${anyRow}`);
    const { differences } = await look();
    assert.equal(differences.length, 1, column);
    assert.match(String(differences[0]), pattern);
    await sql(`delete from monitorlift.requests ${anyRow}; insert into monitorlift.requests select * from kept`);
    await sql('drop table kept');
  }

  await sql(`insert into monitorlift.requests select * from monitorlift.requests ${anyRow}`);
  assert.match(String((await look()).differences), /is there twice, or not in Logs$/);
  await sql(`delete from monitorlift.requests ${anyRow}`);
  assert.match(String((await look()).differences), /^row \S+ is not in the database$/);
  await reader.close();
});
