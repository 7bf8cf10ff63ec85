import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, problemOf, problemsOf, WORKSPACE, warningsOf } from './support/settings.ts';

const OTHER = '7a0b6e4c-1d2f-4a3b-9c5d-7e8f90a1b2c3';
const GROUP = `/subscriptions/${OTHER}/resourceGroups/Shop`;
const COMPONENT = `${GROUP}/providers/Microsoft.Insights/components/Web api`;

const sourcesOf = (env: Parameters<typeof parse>[0]) => parse(env).exports.map(({ name, source }) => [name, source]);

test('an export has the source of its own, or the workspace', () => {
  const env = { EXPORTS: 'requests,traces', REQUESTS_SOURCE: OTHER.toUpperCase(), SHOP_KQL: 'AppTraces' };
  assert.deepEqual(sourcesOf({ ...env, SHOP_SOURCE: `${COMPONENT}/` }), [
    ['requests', OTHER],
    ['traces', WORKSPACE],
    ['shop', COMPONENT.toLowerCase()],
  ]);
});

test('a source is a GUID or an Azure resource id, of a group or a subscription too', () => {
  for (const id of [GROUP, `/subscriptions/${OTHER}`, `${GROUP}/providers/Microsoft.Web/sites/a/slots/b`]) {
    assert.deepEqual(sourcesOf({ EXPORTS: 'traces', TRACES_SOURCE: id }), [['traces', id.toLowerCase()]]);
  }
  const bad = [
    'web',
    COMPONENT.slice(1),
    `https://management.azure.com${COMPONENT}`,
    `${GROUP}/providers/Microsoft.Insights`,
    `${GROUP}/../x`,
    `${COMPONENT}?api-version=1`,
    'InstrumentationKey=secret',
  ];
  for (const TRACES_SOURCE of bad) {
    const problem = problemOf({ TRACES_SOURCE });
    assert.match(problem, /^TRACES_SOURCE: found \d+ characters that are neither, expected .* GUID .*resource id/);
    assert.ok(!problem.includes('secret'));
  }
});

test('the workspace is required only where an export has no source', () => {
  const env = { APPINSIGHTS_WORKSPACE_ID: '', EXPORTS: 'requests,traces', REQUESTS_SOURCE: OTHER };
  assert.match(
    problemOf(env),
    /^APPINSIGHTS_WORKSPACE_ID: found nothing, .*only where each export has a <NAME>_SOURCE/,
  );
  assert.deepEqual(sourcesOf({ ...env, TRACES_SOURCE: GROUP }), [
    ['requests', OTHER],
    ['traces', GROUP.toLowerCase()],
  ]);
  // A wrong source is the one problem there is.
  assert.match(problemOf({ ...env, TRACES_SOURCE: 'x' }), /^TRACES_SOURCE: /);
  assert.match(problemOf({ ...env, TRACES_SOURCE: GROUP, APPINSIGHTS_WORKSPACE_ID: 'x' }), /^APPINSIGHTS/);
});

test('a _SOURCE without an export is a problem when it is close to one, else a warning', () => {
  assert.match(problemOf({ TRACE_SOURCE: OTHER }), /^TRACE_SOURCE: has no effect: .*, did you mean TRACES_SOURCE\?$/);
  assert.deepEqual(warningsOf({ BACKUP_SOURCE: '/dev/sda' }), [
    'BACKUP_SOURCE: has no effect, for no export has that name; another program may use it',
  ]);
  assert.match(problemOf({ EXPORT_SOURCE: OTHER }), /^EXPORT_SOURCE: has no effect/);
});

test('the old names are for the scope of a resource', () => {
  const env = { EXPORTS: 'mine', MINE_KQL: 'requests | where success == false and timestamp > datetime(2026-11-01)' };
  assert.match(problemsOf(env)[0] ?? '', /requests is called AppRequests/);
  const [mine] = parse({ ...env, MINE_SOURCE: COMPONENT }).exports;
  assert.equal(mine?.query.table, 'requests');
  assert.equal(
    parse({ ...env, MINE_KQL: 'AppRequests', MINE_SOURCE: COMPONENT }).exports[0]?.query.table,
    'AppRequests',
  );
  // Each table has the columns of its own terms.
  assert.match(
    problemOf({ ...env, MINE_KQL: 'AppRequests | where success == false', MINE_SOURCE: COMPONENT }),
    /"success" .* is called Success/,
  );
  const workspace = `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/shop`;
  assert.match(problemOf({ ...env, MINE_SOURCE: workspace }), /requests is called AppRequests/);
});
