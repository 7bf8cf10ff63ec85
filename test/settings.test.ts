import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parseSettings } from '../src/settings/settings.ts';
import { parse, problemOf, problemsOf, WORKSPACE, warningsOf } from './support/settings.ts';

test('two settings are enough, and the rest has defaults', () => {
  const { sink, logsEndpoint, exports, ...rest } = parse();
  assert.deepEqual(rest, {
    rest: undefined,
    lagMs: 300_000,
    lookbackMs: 3 * 3_600_000,
    windowMs: 3_600_000,
    budgetMs: 240_000,
    auditMs: 6 * 3_600_000,
    queriesAtOnce: 5,
    format: 'jsonl',
    compression: 'gzip',
    warnings: [],
  });
  assert.equal(sink.href, 'https://lake.dfs.core.windows.net/telemetry');
  assert.equal(logsEndpoint.href, 'https://api.loganalytics.io/v1');
  assert.deepEqual(
    exports.map(({ name, query, schedule }) => `${name} ${query.table}${query.rest} ${schedule}`),
    [
      'requests AppRequests 0 */5 * * * *',
      'dependencies AppDependencies 7 */5 * * * *',
      'exceptions AppExceptions 14 */5 * * * *',
      'traces AppTraces 21 */5 * * * *',
      'pageViews AppPageViews 28 */5 * * * *',
      'customEvents AppEvents 35 */5 * * * *',
      'customMetrics AppMetrics 42 */5 * * * *',
      'availabilityResults AppAvailabilityResults 49 */5 * * * *',
      'browserTimings AppBrowserTimings 56 */5 * * * *',
      'performanceCounters AppPerformanceCounters 3 */5 * * * *',
    ],
  );
});

test('each setting has its effect, and white space around it has none', () => {
  const settings = parse({
    APPINSIGHTS_WORKSPACE_ID: ` ${WORKSPACE.toUpperCase()} `,
    EXPORTS: ' traces , Slow ',
    SLOW_KQL: 'AppRequests | where DurationMs > 1000;',
    SLOW_SCHEDULE: '15 0 * * * *',
    EXPORT_SCHEDULE: '0 */10 * * * MON-FRI',
    EXPORT_LAG_MINUTES: '0',
    EXPORT_LOOKBACK_HOURS: '720',
    EXPORT_WINDOW_MINUTES: '1',
    EXPORT_BUDGET_SECONDS: '480',
    EXPORT_AUDIT_HOURS: '0.5',
    EXPORT_QUERIES: '3',
    EXPORT_FORMAT: 'parquet-nanos',
    EXPORT_COMPRESSION: 'gzip',
    LOGS_ENDPOINT: 'https://api.loganalytics.us/v1/',
  });
  const { sink: _, logsEndpoint, ...rest } = settings;
  assert.equal(logsEndpoint.href, 'https://api.loganalytics.us/v1');
  const query = { table: 'AppRequests', rest: 'where DurationMs > 1000' };
  const source = WORKSPACE;
  assert.deepEqual(rest, {
    rest: undefined,
    exports: [
      { name: 'traces', schedule: '0 */10 * * * MON-FRI', query: { table: 'AppTraces', rest: '' }, source },
      { name: 'Slow', schedule: '15 0 * * * *', query, source },
    ],
    lagMs: 0,
    lookbackMs: 720 * 3_600_000,
    windowMs: 60_000,
    budgetMs: 480_000,
    auditMs: 1_800_000,
    queriesAtOnce: 3,
    format: 'parquet-nanos',
    compression: 'gzip',
    warnings: [],
  });
});

test('a number may have a fraction, and its time is a whole number of milliseconds', () => {
  assert.equal(parse({ EXPORT_LAG_MINUTES: '1.1' }).lagMs, 66_000);
});

test('settings are frozen', () => {
  const settings = parse();
  assert.ok(Object.isFrozen(settings.warnings));
  assert.ok(Object.isFrozen(settings) && Object.isFrozen(settings.exports) && Object.isFrozen(settings.exports[0]));
});

test('an empty setting counts as unset', () => {
  const empty = {
    EXPORTS: '',
    REQUESTS_KQL: ' ',
    EXPORT_SCHEDULE: '',
    EXPORT_LAG_MINUTES: '',
    OTHER_KQL: '',
    EXPORT_X: '',
  };
  assert.deepEqual(parse(empty), parse());
});

test('every problem is reported at once', () => {
  const problems = problemsOf({
    APPINSIGHTS_WORKSPACE_ID: undefined,
    SINK_URL: '',
    EXPORTS: 'requests,a-b,Requests,tracess',
    REQUESTS_KQL: 'AppRequests | take 5 | summarize count()',
    EXPORT_SCHEDULE: '*/5 * * * *',
    EXPORT_LAG: '5',
    EXPORT_LAG_MINUTES: '-1',
    EXPORT_LOOKBACK_HOURS: '1,5',
    EXPORT_WINDOW_MINUTES: '1441',
    EXPORT_BUDGET_SECONDS: '481',
    EXPORT_AUDIT_HOURS: '721',
    EXPORT_FORMAT: 'csv',
    EXPORT_COMPRESSION: 'brotli',
    LOGS_ENDPOINT: 'https://api.loganalytics.io',
  });
  const expected = [
    /^EXPORTS: found "a-b", "Requests", expected names with commas between them/,
    /^TRACESS_KQL: not set, and "tracess" in EXPORTS is none of requests, /,
    /^REQUESTS_KQL: "take" .*leave it out.*; "summarize" .*aggregate when you read/,
    /^EXPORT_SCHEDULE: found "\*\/5 \* \* \* \*", expected a time that comes, as \{second 0-59\} \{minute 0-59\}/,
    /^EXPORT_LAG: has no effect: there are EXPORT_FORMAT, EXPORTS, .*, and <NAME>_KQL, <NAME>_SOURCE and <NAME>_SCHEDULE of each/,
    /^EXPORT_LAG_MINUTES: found "-1", expected a number from 0 to 1440/,
    /^EXPORT_LOOKBACK_HOURS: found "1,5", expected a number from 0 to 17520/,
    /^EXPORT_WINDOW_MINUTES: found "1441", expected a number from 1 to 1440/,
    /^EXPORT_BUDGET_SECONDS: found "481", expected a number from 1 to 480/,
    /^EXPORT_AUDIT_HOURS: found "721", expected a number from 0 to 720/,
    /^EXPORT_FORMAT: found "csv", expected one of jsonl, parquet, parquet-nanos, columns-rows/,
    /^EXPORT_COMPRESSION: found "brotli", expected one of gzip, none, zstd/,
    /^APPINSIGHTS_WORKSPACE_ID: found nothing, expected the id of the Log Analytics workspace/,
    /^SINK_URL: found nothing, expected https:/,
    /^LOGS_ENDPOINT: found https:\/\/api\.loganalytics\.io\/, expected https:\/\/<host>\/v1, such as/,
  ];
  assert.equal(problems.length, expected.length, problems.join('\n'));
  for (const pattern of expected)
    assert.ok(
      problems.some((text) => pattern.test(text)),
      `${pattern}\n${problems.join('\n')}`,
    );
});

test('APPINSIGHTS_WORKSPACE_ID is a GUID', () => {
  const id = '/subscriptions/a/resourceGroups/b/providers/Microsoft.OperationalInsights/workspaces/c';
  assert.match(
    problemOf({ APPINSIGHTS_WORKSPACE_ID: id }),
    /found 86 characters that are no GUID, expected .*workspace/,
  );
});

test('a schedule is one that the Functions host and the command line read alike', () => {
  const good = ['0 */5 * * * *', '*/30 * * * * *', '0 0 9-17 * * MON-FRI', '0 0 0 1 JAN,jul *', '0 0 0 1 * 1'];
  for (const EXPORT_SCHEDULE of good) {
    assert.equal(parse({ EXPORT_SCHEDULE }).exports[0]?.schedule, EXPORT_SCHEDULE);
  }
  const bad = [
    ...['*/5 * * * *', '0 0 0 1 1 * 2027', '@daily', '%SCHEDULE%', '00:05:00', '1.00:00:00'],
    // Fields that the host does not read.
    ...['0 0 0 L * *', '0 0 0 15W * *', '0 0 0 * * MON#1', '0 0 0 ? * *', '0 0 0 * * 7'],
    // Out of range, and a day that never comes.
    ...['0 60 * * * *', '0 MON * * * *', '0 0 0 0 * *', '0 0 0 31 2 *'],
  ];
  for (const EXPORT_SCHEDULE of bad) {
    const found = `EXPORT_SCHEDULE: found "${EXPORT_SCHEDULE}", expected a time that comes, as {second 0-59} {minute 0-59} `;
    assert.ok(problemOf({ EXPORT_SCHEDULE }).startsWith(found), problemOf({ EXPORT_SCHEDULE }));
  }
});

test('a value that came in quotes or as a reference says where it went wrong', () => {
  const settings = [
    'APPINSIGHTS_WORKSPACE_ID',
    'SINK_URL',
    'EXPORTS',
    'REQUESTS_KQL',
    'EXPORT_SCHEDULE',
    'LOGS_ENDPOINT',
  ];
  for (const setting of [...settings, 'EXPORT_LAG_MINUTES', 'EXPORT_COMPRESSION']) {
    for (const quote of ['"', "'"]) {
      assert.match(problemOf({ [setting]: `${quote}hush${quote}` }), /: found a value in quotes, .*leave them out$/);
    }
    const text = problemOf({ [setting]: '@Microsoft.KeyVault(SecretUri=https://hush.vault.azure.net/secrets/hush)' });
    assert.match(text, /a reference that has not been replaced.*Key Vault Secrets User.*keyVaultReferenceIdentity/);
    assert.doesNotMatch(text, /hush/);
  }
});

test('a schedule of another program is a warning, one that may be meant for an export a problem', () => {
  const others = { BACKUP_SCHEDULE: '@daily', MY_JOB_SCHEDULE: 'x', cleanup_schedule: 'x' };
  const warnings = warningsOf(others);
  assert.equal(warnings.length, 3);
  for (const setting of Object.keys(others)) {
    assert.ok(warnings.some((text) => text.startsWith(`${setting}: has no effect, for no export has that name`)));
  }
  assert.match(problemOf({ TRACE_SCHEDULE: '0 0 0 * * *' }), /did you mean TRACES_SCHEDULE\?$/);
  assert.match(problemOf({ EXPORTS_SCHEDULE: '0 0 0 * * *' }), /did you mean EXPORT_SCHEDULE\?$/);
});

test("the host's user-assigned identity without the exporter's is a warning", () => {
  const host = { AzureWebJobsStorage__clientId: WORKSPACE };
  assert.match(
    warningsOf(host).join(),
    /^AZURE_CLIENT_ID: not set, but the Functions host .*set it to the same client id$/,
  );
  assert.deepEqual(warningsOf({ ...host, AZURE_CLIENT_ID: WORKSPACE }), []);
});

test('local.settings.json.example has good settings', async () => {
  const { Values, IsEncrypted } = JSON.parse(
    await readFile(new URL('../local.settings.json.example', import.meta.url), 'utf8'),
  );
  assert.equal(IsEncrypted, false);
  assert.equal(Values.FUNCTIONS_WORKER_RUNTIME, 'node');
  assert.equal(parseSettings(Values).exports.length, 10);
});

test('Parquet is compressed as most readers of Parquet expect it', () => {
  assert.equal(parse({ EXPORT_FORMAT: 'parquet' }).compression, 'zstd');
  assert.equal(parse({ EXPORT_FORMAT: 'parquet', EXPORT_COMPRESSION: 'gzip' }).compression, 'gzip');
  assert.equal(parse({ EXPORT_FORMAT: 'columns-rows' }).compression, 'gzip');
});
