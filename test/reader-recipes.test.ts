import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { type LogsEmulator, startLogsEmulator } from '../src/local/logs/emulator.ts';
import { runCli } from './support/cli.ts';
import { PROCESS_ENV } from './support/cli-folder.ts';
import { minutesAgo } from './support/e2e-world.ts';
import { commandProblems } from './support/microsoft-commands.ts';

// A lake that the exporter has made, with columns and property keys that changed late, is read as README and `schema` say.

const MINUTES = 60;
const NEW_KEY = 46;
const QUERIES = {
  EXPORTS: 'requests',
  SHADOW_KQL:
    'AppRequests | project TimeGenerated, ItemId, d = strcat("day-", Name), h = Success, Ratio = real(nan), Name, name = 1',
};
const LATER = {
  ...QUERIES,
  REQUESTS_KQL:
    'AppRequests | extend Late = tolong(9007199254740993), ResultCode = toint(ResultCode), ["my col\'s"] = "x"',
};

let logs: LogsEmulator;
let folder: string;

before(async () => {
  [logs, folder] = await Promise.all([startLogsEmulator(), mkdtemp(join(tmpdir(), 'monitorlift-recipes-'))]);
  for (let index = 1; index <= MINUTES; index++) {
    const Properties = { a: 'x', ...(index >= NEW_KEY && { tenant: `t${index}` }) };
    const TimeGenerated = minutesAgo(MINUTES - index + 1, '1234567');
    const row = { TimeGenerated, Name: `n${index}`, DurationMs: index, ResultCode: '200', Success: true, Properties };
    await logs.ingest('AppRequests', [row], { ingestionTicks: minutesAgo(MINUTES - index + 2, '0000001') });
  }
  // The last ten minutes come in a second run, with another query.
  await run('lake', { ...QUERIES, EXPORT_LAG_MINUTES: '11' });
  await run('lake', LATER);
});
after(async () => {
  await Promise.all([logs.close(), rm(folder, { recursive: true, force: true })]);
});

function cli(lake: string, args: readonly string[], env: Record<string, string>) {
  const settings = {
    APPINSIGHTS_WORKSPACE_ID: logs.workspaceId,
    LOGS_ENDPOINT: logs.endpoint,
    SINK_URL: `file:${lake}`,
    EXPORT_LAG_MINUTES: '0',
    EXPORT_LOOKBACK_HOURS: '1.2',
    EXPORT_WINDOW_MINUTES: '1',
  };
  return runCli(args, { ...PROCESS_ENV, ...settings, ...env }, folder);
}

async function run(lake: string, env: Record<string, string>): Promise<string> {
  const { code, stdout, stderr } = await cli(lake, ['run', '--once'], env);
  assert.equal(code, 0, stdout + stderr);
  return stderr;
}

async function statementsFor(reader: string, lake = 'lake', env: Record<string, string> = LATER) {
  const { code, stdout, stderr } = await cli(lake, ['schema', '--for', reader], env);
  assert.equal(code, 0, stderr);
  return stdout;
}

async function duckdb(setUp: string, ...queries: string[]) {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  try {
    for (const statement of setUp.split(/;\n/).filter((each) => each.trim() !== '')) await connection.run(statement);
    const answers = [];
    for (const query of queries) answers.push((await connection.runAndReadAll(query)).getRowObjectsJson());
    return answers;
  } finally {
    connection.closeSync();
  }
}

const COUNTS = `SELECT count(*)::INT AS all_rows, count(Properties ->> '$.tenant')::INT AS tenants,
  count(DISTINCT Properties ->> '$.tenant')::INT AS different, sum(DurationMs)::INT AS durations FROM requests`;
const EXPECTED = [
  { all_rows: MINUTES, tenants: MINUTES - NEW_KEY + 1, different: MINUTES - NEW_KEY + 1, durations: 1830 },
];

test('DuckDB reads the view of `schema` and loses nothing that changed late, and no digit', async () => {
  const [counts, late, times, partitions] = await duckdb(
    await statementsFor('duckdb'),
    COUNTS,
    `SELECT Late, ResultCode, "my col's" AS mine FROM requests ORDER BY DurationMs DESC LIMIT 1`,
    'SELECT count(*)::INT AS n FROM requests WHERE nanosecond(TimeGenerated) % 1000000000 = 123456700',
    'SELECT count(DISTINCT (y, m, d, h)) > 1 AS several FROM requests WHERE y > 2000',
  );
  assert.deepEqual(counts, EXPECTED);
  assert.deepEqual(late, [{ Late: '9007199254740993', ResultCode: '200', mine: 'x' }]);
  assert.deepEqual(times, [{ n: MINUTES }]);
  assert.deepEqual(partitions, [{ several: true }]);
});

test('columns named like folders, like each other, and NaN are what the rows have', async () => {
  const [rows] = await duckdb(
    await statementsFor('duckdb'),
    'SELECT d, h, isnan(Ratio) AS nan, "Name", name_2 FROM shadow ORDER BY TimeGenerated LIMIT 1',
  );
  assert.deepEqual(rows, [{ d: 'day-n1', h: true, nan: true, Name: 'n1', name_2: '1' }]);
});

test("the README's recipe for DuckDB keeps each key, and counts all rows", async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const [, recipe = ''] = /\*\*DuckDB\*\*.*?```sql\n(.*?)```/s.exec(readme) ?? [];
  const [, from = ''] = /(FROM .*?)\nGROUP/s.exec(recipe) ?? [];
  assert.match(from, /'lake\/requests\/y=2026\/m=11\//);
  assert.match(recipe, /\$\.tenant/);
  const here = (sql: string) => sql.replace('lake/requests/y=2026/m=11', `${folder}/lake/requests`);
  const [counts, shown] = await duckdb('', COUNTS.replace('FROM requests', here(from)), here(recipe));
  assert.deepEqual(counts, EXPECTED);
  assert.equal(shown?.length, MINUTES);
});

test("the README's recipe for Data Explorer is a command", async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const [, command = ''] = /```kusto\n(.*?)```/s.exec(readme) ?? [];
  assert.deepEqual(commandProblems(command), []);
});

for (const format of ['parquet', 'parquet-nanos']) {
  test(`DuckDB reads the view over ${format}, and times in it are what they are in the view over lines`, async () => {
    const env = { ...LATER, EXPORT_FORMAT: format };
    await run(format, { ...QUERIES, EXPORT_FORMAT: format, EXPORT_LAG_MINUTES: '11' });
    await run(format, env);
    const queries = [
      COUNTS,
      'SELECT count(*)::INT AS n, count(Late)::INT AS late FROM requests',
      'SELECT typeof(TimeGenerated) AS type, left(TimeGenerated::VARCHAR, 26) AS time FROM requests ORDER BY DurationMs LIMIT 1',
      'SELECT count(*)::INT AS n FROM shadow WHERE "TimeGenerated" IS NOT NULL AND d IS NOT NULL',
      `EXPLAIN SELECT Name FROM requests WHERE y = 1999`,
    ];
    // DuckDB shows and compares an instant in the zone of its session.
    const zone = "SET TimeZone = 'America/New_York';\n";
    const [counts, late, times, shadow, plan] = await duckdb(
      zone + (await statementsFor('duckdb', format, env)),
      ...queries,
    );
    assert.deepEqual(counts, EXPECTED);
    assert.equal(late?.[0]?.n, MINUTES);
    assert.equal(shadow?.[0]?.n, MINUTES);
    assert.match(JSON.stringify(plan), /EMPTY_RESULT|File Filters/, 'folders that are not asked for are not read');
    const [lines] = await duckdb(zone + (await statementsFor('duckdb')), queries[2] ?? '');
    assert.deepEqual(times, lines);
    assert.equal(times?.[0]?.type, 'TIMESTAMP_NS');
  });
}

test('Data Explorer and Spark get each column once, by its type and quoted', async () => {
  const [text, spark] = await Promise.all([statementsFor('kusto'), statementsFor('spark')]);
  const commands = text.split(/\n\n/).slice(1);
  assert.equal(commands.length, 2);
  for (const command of commands) assert.deepEqual(commandProblems(command), [], command);
  assert.match(text, /\n {2}DurationMs: real,\n/);
  assert.match(text, /\n {2}ResultCode: string,\n/, 'it was a string and became an int');
  assert.match(text, /\n {2}\['my col\\'s'\]: string\n/);
  assert.match(spark, /`TimeGenerated` STRING.*`DurationMs` DOUBLE.*`Late` BIGINT/);
  assert.match(spark, /\.withColumn\("TimeGenerated", F\.col\("`TimeGenerated`"\)\.cast\("timestamp"\)\)/);
  assert.match(spark, /shadow = \([^)]*.*recursiveFileLookup/s);
});

test('what cannot be printed is said', async () => {
  const wrong = await cli('lake', ['schema'], LATER);
  assert.deepEqual([wrong.code, /--for: found nothing, expected duckdb, spark, kusto/.test(wrong.stderr)], [2, true]);
  const rows = await cli('lake', ['schema', '--for', 'duckdb'], { ...LATER, EXPORT_FORMAT: 'columns-rows' });
  assert.equal(rows.code, 2);
  const nanos = await cli('lake', ['schema', '--for', 'spark'], { ...LATER, EXPORT_FORMAT: 'parquet-nanos' });
  assert.deepEqual([nanos.code, /Spark reads no nanoseconds/.test(nanos.stderr)], [1, true]);
  assert.match(await statementsFor('kusto', 'nothing'), /\/\/ requests: nothing has been exported yet/);
  const json = await cli('lake', ['schema', '--for', 'duckdb', '--export', 'REQUESTS', '--json'], LATER);
  const { versions, columns, statement } = JSON.parse(json.stdout);
  assert.deepEqual([versions.length, columns.at(-1).name], [2, "my col's"]);
  assert.match(statement, /^CREATE OR REPLACE VIEW "requests" AS\nSELECT\n/);
});
