import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer, answerBody, json, startAnswerServer } from './support/answer-server.ts';
import { ask, failureOf, refuseUnhandled, two, twoLines } from './support/logs-source.ts';

const COMPONENT = '/subscriptions/s/resourcegroups/g/providers/microsoft.insights/components/web';
const SHARED = '/subscriptions/s/resourcegroups/g/providers/microsoft.operationalinsights/workspaces/Shared';
const OWN = '/subscriptions/s/resourcegroups/g/providers/microsoft.operationalinsights/workspaces/own';

refuseUnhandled();

/** What a query in the scope of the component fails with; `undefined` when it does not. */
async function failure(permissions: unknown, kql = 'AppRequests | where Name has "x"') {
  const server = await startAnswerServer(answer(JSON.stringify({ ...JSON.parse(two), permissions })));
  const outcome = await ask(server, { source: COMPONENT, kql }).catch((error: Error) => error.message);
  return typeof outcome === 'string' ? outcome : undefined;
}

test('a resource is asked by its id, with the question who may read what; a workspace without', async () => {
  const server = await startAnswerServer(answer(two), answer(two));
  assert.deepEqual((await ask(server, { source: COMPONENT, timeoutMs: 90_000 })).calls, [twoLines]);
  await ask(server, {});
  const [first, second] = server.requests;
  assert.equal(first?.url, `/v1${COMPONENT}/query`);
  assert.match(String(first?.headers.prefer), /^wait=90,include-permissions=true$/);
  assert.equal(first?.headers['cache-control'], 'no-cache');
  assert.match(String(second?.headers.prefer), /^wait=60$/);
});

test('an answer without a table that may not be read fails, wherever that is said', async () => {
  const source = { resourceId: SHARED };
  const resource = { resourceId: COMPONENT, dataSources: [SHARED] };
  const hidden = /^Logs leaves rows of resource \/subscriptions.* out: .* the table AppRequests of .*Grant it the role/;
  for (const permissions of [
    { resources: [{ ...resource, denyTables: ['AppRequests'] }], dataSources: [source] },
    { resources: [resource], dataSources: [{ ...source, denyTables: ['AppTraces', 'AppRequests'] }] },
  ]) {
    assert.match((await failure(permissions)) ?? '', hidden);
    assert.match((await failure(permissions, 'requests')) ?? '', hidden);
    // What is not asked for may be denied.
    assert.equal(await failure(permissions, 'AppEvents | where Name has "Requests"'), undefined);
  }
  const all = { resources: [resource], dataSources: [{ ...source, denyTables: ['*'] }] };
  assert.match((await failure(all)) ?? '', /the table \* of/);
});

test('an answer without the rows of a workspace that may not be read fails', async () => {
  const resources = [{ resourceId: COMPONENT, dataSources: [SHARED, OWN] }];
  assert.match(
    (await failure({ resources, dataSources: [{ resourceId: SHARED.toLowerCase() }] })) ?? '',
    /may not read the workspace .*\/own\. Grant/,
  );
  assert.match((await failure({ resources, dataSources: [] })) ?? '', /workspaces\/Shared, the workspace .*\/own\./);
  const both = [SHARED, OWN].map((resourceId) => ({ resourceId: resourceId.toUpperCase() }));
  assert.equal(await failure({ resources, dataSources: both }), undefined);
});

test('an answer that says nothing of permissions is whole', async () => {
  for (const permissions of [undefined, null, {}, { resources: [], dataSources: [] }, 'text']) {
    assert.equal(await failure(permissions), undefined);
  }
});

test('what is cut is too large first, whatever is hidden besides', async () => {
  const error = { code: 'PartialError', details: [{ innererror: { code: '-2133196797', severity: 2 } }] };
  const body = JSON.parse(answerBody(['a:string'], [['x']], error));
  const permissions = { resources: [{ resourceId: COMPONENT, dataSources: [OWN] }], dataSources: [] };
  const server = await startAnswerServer(answer(JSON.stringify({ ...body, permissions })));
  assert.equal((await failureOf(server, { source: COMPONENT })).name, 'OversizeError');
});

test('messages name the resource, and what to correct', async () => {
  const error = { error: { code: 'ResourceNotFoundError', message: 'The resource was not found' } };
  const server = await startAnswerServer(json(404, error), json(403, error));
  const missing = await failureOf(server, { source: COMPONENT });
  assert.match(
    missing.message,
    /^Logs does not know resource \/subscriptions\/.*<NAME>_SOURCE must be the resource's id/,
  );
  assert.match((await failureOf(server, { source: COMPONENT })).message, /^Logs refuses to read resource \/subscript/);
});
