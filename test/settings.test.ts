import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Env } from '../src/settings/reader.ts';
import { parseSettings, type Settings, SettingsError } from '../src/settings/settings.ts';

const WORKSPACE = '6a0b6e4c-1d2f-4a3b-9c5d-7e8f90a1b2c3';
const GOOD = { APPINSIGHTS_WORKSPACE_ID: WORKSPACE, SINK_URL: 'https://lake.dfs.core.windows.net/telemetry' };

function parse(changes: Env = {}): Settings {
  return parseSettings({ ...GOOD, ...changes });
}

/** The problems as `SETTING: text`. */
function problemsOf(changes: Env): string[] {
  try {
    parse(changes);
  } catch (error) {
    assert.ok(error instanceof SettingsError);
    for (const { setting, text } of error.problems) assert.ok(error.message.includes(`${setting}: ${text}`));
    return error.problems.map(({ setting, text }) => `${setting}: ${text}`);
  }
  return [];
}

/** The one problem there is. */
function problemOf(changes: Env): string {
  const problems = problemsOf(changes);
  assert.equal(problems.length, 1, problems.join('\n') || 'no problem');
  return problems[0] ?? '';
}

test('two settings are enough, and the rest has defaults', () => {
  const { sink, logsEndpoint, exports, ...rest } = parse();
  assert.deepEqual(rest, {
    workspaceId: WORKSPACE,
    lagMs: 300_000,
    lookbackMs: 3 * 3_600_000,
    windowMs: 3_600_000,
    budgetMs: 240_000,
    queriesAtOnce: 5,
    compression: 'gzip',
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
    EXPORT_QUERIES: '3',
    EXPORT_COMPRESSION: 'zstd',
    LOGS_ENDPOINT: 'https://api.loganalytics.us/v1/',
  });
  const { sink: _, logsEndpoint, ...rest } = settings;
  assert.equal(logsEndpoint.href, 'https://api.loganalytics.us/v1');
  assert.deepEqual(rest, {
    workspaceId: WORKSPACE,
    exports: [
      { name: 'traces', schedule: '0 */10 * * * MON-FRI', query: { table: 'AppTraces', rest: '' } },
      { name: 'Slow', schedule: '15 0 * * * *', query: { table: 'AppRequests', rest: 'where DurationMs > 1000' } },
    ],
    lagMs: 0,
    lookbackMs: 720 * 3_600_000,
    windowMs: 60_000,
    budgetMs: 480_000,
    queriesAtOnce: 3,
    compression: 'zstd',
  });
});

test('a number may have a fraction, and its time is a whole number of milliseconds', () => {
  assert.equal(parse({ EXPORT_LAG_MINUTES: '1.1' }).lagMs, 66_000);
});

test('settings are frozen', () => {
  const settings = parse();
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
    BACKUP_SCHEDULE: '0 0 0 * * *',
    EXPORT_SCHEDULE: '*/5 * * * *',
    EXPORT_LAG: '5',
    EXPORT_LAG_MINUTES: '-1',
    EXPORT_LOOKBACK_HOURS: '1,5',
    EXPORT_WINDOW_MINUTES: '1441',
    EXPORT_BUDGET_SECONDS: '481',
    EXPORT_COMPRESSION: 'brotli',
    LOGS_ENDPOINT: 'https://api.loganalytics.io',
  });
  const expected = [
    /^EXPORTS: found "a-b", "Requests", expected names with commas between them/,
    /^TRACESS_KQL: not set, and "tracess" in EXPORTS is none of requests, /,
    /^REQUESTS_KQL: "take" .*leave it out.*; "summarize" .*aggregate when you read/,
    /^BACKUP_SCHEDULE: has no effect: there are EXPORTS, EXPORT_SCHEDULE, .*, and <NAME>_KQL and <NAME>_SCHEDULE of each/,
    /^EXPORT_SCHEDULE: found "\*\/5 \* \* \* \*", expected a time that comes, as \{second 0-59\} \{minute 0-59\}/,
    /^EXPORT_LAG: has no effect: there are .*EXPORT_LAG_MINUTES, /,
    /^EXPORT_LAG_MINUTES: found "-1", expected a number from 0 to 1440/,
    /^EXPORT_LOOKBACK_HOURS: found "1,5", expected a number from 0 to 17520/,
    /^EXPORT_WINDOW_MINUTES: found "1441", expected a number from 1 to 1440/,
    /^EXPORT_BUDGET_SECONDS: found "481", expected a number from 1 to 480/,
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

test('SINK_URL takes a data lake, a local one, and a directory', () => {
  const sinkOf = (SINK_URL: string) => {
    const { sink } = parse({ SINK_URL });
    return sink.protocol === 'file:' ? fileURLToPath(sink) : sink.href;
  };
  const same = [
    'https://lake.dfs.core.windows.net/telemetry/a/b',
    'https://lake.dfs.core.usgovcloudapi.net/telemetry',
    'https://lake.z12.dfs.storage.azure.net/telemetry',
    'http://127.0.0.1:10004/devstoreaccount1/telemetry/a',
    'http://localhost:10004/devstoreaccount1/telemetry',
    'http://[::1]:10004/devstoreaccount1/telemetry',
  ];
  for (const url of same) assert.equal(sinkOf(url), url);
  assert.equal(sinkOf('https://lake.dfs.core.windows.net/telemetry/'), 'https://lake.dfs.core.windows.net/telemetry');
  for (const url of ['file:lake', 'file:./lake/', 'FILE:lake']) assert.equal(sinkOf(url), resolve('lake'));
  assert.equal(sinkOf('file:/var/lake'), resolve('/var/lake'));
  // On Windows with its drive.
  for (const place of ['/var/lake', '/var/my lake']) {
    assert.equal(sinkOf(pathToFileURL(resolve(place)).href), resolve(place));
  }
  assert.equal(sinkOf('file:my lake#1?%20'), resolve('my lake#1?%20'));
});

test('a wrong SINK_URL says what to write', () => {
  const lake =
    /, expected https:\/\/<account>\.dfs\.core\.windows\.net\/<filesystem>\[\/<prefix>\], or file:<directory>; a fil/;
  const local = /, expected http:\/\/127\.0\.0\.1:<port>\/<account>\/<filesystem>/;
  const cases: [string, RegExp][] = [
    ['telemetry', /found something that is no URL, expected https:/],
    ['abfss://telemetry@lake.dfs.core.windows.net/a', /found a URL that is not https, expected https:/],
    ['ftp://lake.dfs.core.windows.net/telemetry', /not https/],
    ['http://lake.dfs.core.windows.net/telemetry', /plain http is for loopback/],
    ['http://127.0.0.1.example.com/a/telemetry', /plain http is for loopback/],
    ['https://lake.blob.core.windows.net/telemetry/a', lake],
    ['https://example.com/telemetry', lake],
    ['https://lake.dfs.core.windows.net', lake],
    ['https://lake.dfs.core.windows.net/', lake],
    ['https://lake.dfs.core.windows.net/Telemetry', lake],
    ['https://lake.dfs.core.windows.net/te--le', lake],
    ['https://lake.dfs.core.windows.net/-telemetry', lake],
    ['https://lake.dfs.core.windows.net/te', lake],
    [`https://lake.dfs.core.windows.net/${'a'.repeat(64)}`, lake],
    ['https://lake.dfs.core.windows.net//telemetry', lake],
    ['https://lake.dfs.core.windows.net/telemetry//a', lake],
    ['http://127.0.0.1:10004/devstoreaccount1', local],
    ['http://127.0.0.1:10004', local],
    ['http://127.0.0.1:10004//telemetry', local],
    ['file:', /without a directory .*, expected file:/],
    ['file://server/share', /with a host, expected file:/],
  ];
  for (const [SINK_URL, expected] of cases) assert.match(problemOf({ SINK_URL }), expected, SINK_URL);
});

test('no message repeats a secret', () => {
  const secrets: Env[] = [
    { SINK_URL: 'https://lake.dfs.core.windows.net/telemetry?sv=2026&sig=hush' },
    { SINK_URL: 'https://lake.blob.core.windows.net/telemetry?sig=hush' },
    { SINK_URL: 'https://user:hush@lake.dfs.core.windows.net/telemetry' },
    { SINK_URL: 'https://hush@lake.dfs.core.windows.net/telemetry' },
    { SINK_URL: 'https://lake.dfs.core.windows.net/telemetry#hush' },
    { SINK_URL: 'DefaultEndpointsProtocol=https;AccountName=lake;AccountKey=hush;EndpointSuffix=core.windows.net' },
    { SINK_URL: 'AccountKey:hush' },
    { SINK_URL: 'abfss://hush@lake.dfs.core.windows.net/a?hush' },
    { LOGS_ENDPOINT: 'https://user:hush@api.loganalytics.io/v1' },
    { LOGS_ENDPOINT: 'https://api.loganalytics.io/v1?key=hush' },
    { LOGS_ENDPOINT: 'hush' },
    { APPINSIGHTS_WORKSPACE_ID: 'InstrumentationKey=hush' },
  ];
  for (const env of secrets) assert.doesNotMatch(problemOf(env), /hush/);
});

test('LOGS_ENDPOINT is https or loopback, and names the version', () => {
  assert.equal(parse({ LOGS_ENDPOINT: 'http://127.0.0.1:10005/v1' }).logsEndpoint.href, 'http://127.0.0.1:10005/v1');
  assert.match(problemOf({ LOGS_ENDPOINT: 'http://10.0.0.1/v1' }), /plain http is for loopback/);
  assert.match(problemOf({ LOGS_ENDPOINT: 'https://api.loganalytics.azure.cn/v2' }), /cn\/v2, expected .*\/v1/);
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

test('a _KQL adds an export in lower case', () => {
  const names = (env: Env) => parse(env).exports.map(({ name }) => name);
  assert.deepEqual(names({ EXPORTS: 'requests', ERRORS2_KQL: 'AppTraces | where a', FAILED_KQL: 'AppRequests' }), [
    'requests',
    'errors2',
    'failed',
  ]);
  assert.deepEqual(names({ EXPORTS: 'Mine', MINE_KQL: 'AppTraces' }), ['Mine']);
  assert.deepEqual(names({ EXPORTS: 'traces', PAGEVIEWS_KQL: 'AppPageViews | where a' }), ['traces', 'pageviews']);
  assert.deepEqual(names({ EXPORTS: 'traces', TRACESB_KQL: 'AppTraces', TRACESA_KQL: 'AppTraces' }), [
    'traces',
    'tracesa',
    'tracesb',
  ]);
});

test('sixty exports have a second of their own', () => {
  const names = Array.from({ length: 60 }, (_, index) => `e${index}`);
  const queries = Object.fromEntries(names.map((name) => [`${name.toUpperCase()}_KQL`, 'AppTraces']));
  const { exports } = parse({ EXPORTS: names.join(','), ...queries });
  assert.equal(new Set(exports.map(({ schedule }) => schedule)).size, 60);
});

test('a name in EXPORTS without a query is a problem of its _KQL', () => {
  const near = problemOf({ EXPORTS: 'requests,tracess' });
  assert.match(near, /^TRACESS_KQL: not set, and "tracess" in EXPORTS is none of requests, .*did you mean traces\?$/);
  for (const EXPORTS of ['trxces', 'trraces', 'trces']) assert.match(problemOf({ EXPORTS }), /did you mean traces\?$/);
  assert.match(problemOf({ EXPORTS: 'PAGEVIEWS' }), /did you mean pageViews\?$/);
  assert.match(problemOf({ EXPORTS: 'constructor' }), /^CONSTRUCTOR_KQL: not set, .* set it, or correct EXPORTS$/);
});

test('settings of other programs are left alone', () => {
  const others = {
    MY_OTHER_KQL: 'x',
    _KQL: 'x',
    '1A_KQL': 'x',
    APPSETTING_REQUESTS_KQL: 'x',
    WEBSITE_SITE_NAME: 'x',
    FUNCTIONS_WORKER_RUNTIME: 'node',
    EXPORTER: 'x',
    [`${'A'.repeat(42)}_KQL`]: 'x',
  };
  assert.deepEqual(parse(others), parse());
});

test('a setting that would have no effect is a problem', () => {
  const cases: [Env, RegExp][] = [
    [{ Requests_KQL: 'AppRequests' }, /^Requests_KQL: has no effect: .* in upper case, did you mean REQUESTS_KQL\?$/],
    [{ TRACE_SCHEDULE: '0 0 0 * * *' }, /^TRACE_SCHEDULE: has no effect: .*, did you mean TRACES_SCHEDULE\?$/],
    [{ EXPORT_LAG_MINUTE: '5' }, /^EXPORT_LAG_MINUTE: .*, did you mean EXPORT_LAG_MINUTES\?$/],
    [
      { EXPORT_KQL: 'AppRequests' },
      /^EXPORT_KQL: has no effect: there are EXPORTS, EXPORT_SCHEDULE, .* in upper case$/,
    ],
    [{ EXPORT_SOMETHING_ELSE: 'x' }, /^EXPORT_SOMETHING_ELSE: has no effect/],
    [{ EXPORT: 'requests' }, /^EXPORT: has no effect: .*, did you mean EXPORTS\?$/],
    [{ EXPORTS: 'export' }, /^EXPORTS: found "export", expected .* and not "export"$/],
  ];
  for (const [env, expected] of cases) assert.match(problemOf(env), expected);
});

test('local.settings.json.example has good settings', async () => {
  const { Values, IsEncrypted } = JSON.parse(
    await readFile(new URL('../local.settings.json.example', import.meta.url), 'utf8'),
  );
  assert.equal(IsEncrypted, false);
  assert.equal(Values.FUNCTIONS_WORKER_RUNTIME, 'node');
  assert.equal(parseSettings(Values).exports.length, 10);
});
