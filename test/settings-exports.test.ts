import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Env } from '../src/settings/reader.ts';
import { parse, problemOf, problemsOf, warningsOf } from './support/settings.ts';

test('a _KQL adds an export in lower case', () => {
  const names = (env: Env) => parse(env).exports.map(({ name }) => name);
  assert.deepEqual(names({ EXPORTS: 'requests', ERRORS2_KQL: 'AppTraces | where a', FAILED_KQL: 'AppRequests' }), [
    'requests',
    'errors2',
    'failed',
  ]);
  assert.deepEqual(names({ EXPORTS: 'Mine', MINE_KQL: 'AppTraces' }), ['Mine']);
  assert.deepEqual(names({ EXPORTS: 'traces', SLOW_REQUESTS_KQL: 'AppRequests' }), ['traces', 'slow_requests']);
  assert.deepEqual(names({ EXPORTS: 'traces', TRACESB_KQL: 'AppTraces', TRACESA_KQL: 'AppTraces' }), [
    'traces',
    'tracesa',
    'tracesb',
  ]);
});

test('one of the ten is that one however it is written, and never two', () => {
  const names = (env: Env) => parse(env).exports.map(({ name, query }) => `${name} ${query.rest}`);
  const PAGEVIEWS_KQL = 'AppPageViews | where a';
  for (const EXPORTS of ['pageViews', 'pageviews', 'PAGEVIEWS', 'PageViews']) {
    assert.deepEqual(names({ EXPORTS }), ['pageViews '], EXPORTS);
    assert.deepEqual(names({ EXPORTS, PAGEVIEWS_KQL }), ['pageViews where a'], EXPORTS);
  }
  assert.deepEqual(names({ EXPORTS: 'traces', PAGEVIEWS_KQL }), ['traces ', 'pageViews where a']);
  assert.ok(names({ PAGEVIEWS_KQL }).includes('pageViews where a'), 'without EXPORTS');
  assert.equal(names({ PAGEVIEWS_KQL }).length, 10);
  assert.match(problemOf({ EXPORTS: 'pageViews,PAGEVIEWS' }), /found "PAGEVIEWS", expected names .* each once/);
});

test('names are letters, digits and underscores, and the settings of an export take its name in upper case', () => {
  const env = { EXPORTS: 'Slow_Requests', SLOW_REQUESTS_KQL: 'AppRequests', SLOW_REQUESTS_SCHEDULE: '0 0 * * * *' };
  const [slow] = parse(env).exports;
  assert.deepEqual([slow?.name, slow?.query.table, slow?.schedule], ['Slow_Requests', 'AppRequests', '0 0 * * * *']);
  for (const EXPORTS of ['a-b', '_a', '1a', 'export', 'EXPORT', 'export_a', 'appsetting_a', 'a'.repeat(42), 'ä']) {
    assert.match(
      problemsOf({ EXPORTS, TRACES_KQL: 'AppTraces' })[0] ?? '',
      /^EXPORTS: found .*, expected names/,
      EXPORTS,
    );
  }
});

test('a query that reads other tables is a warning', () => {
  const REQUESTS_KQL = 'AppRequests | where OperationId in ((AppTraces | project OperationId))';
  assert.match(warningsOf({ REQUESTS_KQL }).join(), /^REQUESTS_KQL: reads other tables in brackets.*not audited$/);
  assert.deepEqual(warningsOf({ REQUESTS_KQL: "AppRequests | where Name in ('a', 'b')" }), []);
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
  for (const EXPORTS of ['trxces', 'trraces', 'trces', 'tarces'])
    assert.match(problemOf({ EXPORTS }), /did you mean traces\?$/);
  for (const [EXPORTS, name] of [
    ['AppRequests', 'requests'],
    ['appevents', 'customEvents'],
  ]) {
    assert.match(problemOf({ EXPORTS }), new RegExp(`is a table, whose export is called ${name}: write that$`));
  }
  assert.match(problemOf({ EXPORTS: 'constructor' }), /^CONSTRUCTOR_KQL: not set, .* set it, or correct EXPORTS$/);
});

test('settings of other programs are left alone', () => {
  const others = {
    _KQL: 'x',
    '1A_KQL': 'x',
    // App Service hands each setting over a second time.
    APPSETTING_REQUESTS_KQL: 'AppRequests',
    APPSETTING_SLOW_SCHEDULE: '0 0 0 * * *',
    APPSETTING_EXPORT_LAG_MINUTES: '5',
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
    [{ EXPORT_REQUESTS_KQL: 'AppRequests' }, /^EXPORT_REQUESTS_KQL: has no effect/],
    [{ EXPORT_LAG_MINUTE: '5' }, /^EXPORT_LAG_MINUTE: .*, did you mean EXPORT_LAG_MINUTES\?$/],
    [{ EXPORT_KQL: 'AppRequests' }, /^EXPORT_KQL: has no effect: there are EXPORT_FORMAT, EXPORTS, .* in upper case$/],
    [{ EXPORT_SOMETHING_ELSE: 'x' }, /^EXPORT_SOMETHING_ELSE: has no effect/],
    [{ EXPORT: 'requests' }, /^EXPORT: has no effect: .*, did you mean EXPORTS\?$/],
    [{ EXPORTS: 'export' }, /^EXPORTS: found "export", expected .* and not "export"$/],
  ];
  for (const [env, expected] of cases) assert.match(problemOf(env), expected);
});

test('a query for a name that is close to a listed one adds an export, and is asked about', () => {
  const { exports, warnings } = parse({ REQEUSTS_KQL: 'AppRequests | where Success' });
  assert.ok(exports.some(({ name }) => name === 'reqeusts'));
  assert.deepEqual(
    warnings.map(({ setting, text }) => `${setting} ${text}`.replace(/\?.*/, '?')),
    ['REQEUSTS_KQL adds an export "reqeusts" beside those in EXPORTS, did you mean requests?'],
  );
});
