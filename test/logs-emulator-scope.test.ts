import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type LogsEmulator, startLogsEmulator } from '../src/local/logs/emulator.ts';
import { createLogsClient } from './support/logs-client.ts';

const GROUP = '/subscriptions/11111111-0000-0000-0000-000000000000/resourceGroups/Shop/providers/Microsoft.Insights';
const WEB = { instrumentationKey: 'key-web', resourceId: `${GROUP}/components/Web` };
const API = { instrumentationKey: 'key-api', resourceId: `${GROUP}/components/Api` };
const OTHER = 'other-workspace';

let emulator: LogsEmulator;

before(async () => {
  emulator = await startLogsEmulator({
    now: () => Date.parse('2026-11-22T14:05:00.250Z'),
    components: [WEB, API],
    tables: { Plain_CL: { columns: { TimeGenerated: 'datetime', Name: 'string' } } },
    moreWorkspaces: [{ workspaceId: OTHER }],
  });
  const request = { TimeGenerated: '2026-11-22T14:00:00Z', DurationMs: 1.5, Success: false, Properties: { a: 'b' } };
  const options = { instrumentationKey: API.instrumentationKey, ingestionTicks: '2026-11-22T14:01:00.1234567Z' };
  await emulator.ingest('AppRequests', [{ ...request, Name: 'of api', _ItemId: 'item' }], options);
  await emulator.ingest('AppRequests', [{ ...request, Name: 'of web' }]);
  await emulator.ingest('AppTraces', [{ Message: 'of web' }]);
  await emulator.workspaces[1]?.ingest('AppRequests', [{ Name: 'of another workspace' }]);
});

afterEach(() => {
  emulator.denied.tables.clear();
  emulator.denied.workspaces.clear();
});

after(() => emulator.close());

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly rows: readonly unknown[][];
  readonly permissions?: { readonly resources: object[]; readonly dataSources: object[] };
}

async function ask(scope: string, query: string, prefer = 'wait=600'): Promise<Answer> {
  const response = await fetch(`${emulator.endpoint}${scope}/query`, {
    method: 'POST',
    headers: { Authorization: 'Bearer local', Prefer: prefer, 'Cache-Control': 'no-cache' },
    body: JSON.stringify({ query }),
  });
  const text = await response.text();
  const { tables = [], permissions } = JSON.parse(text);
  return { status: response.status, text, rows: tables[0]?.rows ?? [], permissions };
}

const ofWorkspace = (id: string) => `/workspaces/${id}`;

describe('workspaces', () => {
  it('have data of their own', async () => {
    const query = 'AppRequests | project Name | sort by Name asc';
    assert.deepEqual((await ask(ofWorkspace(emulator.workspaceId), query)).rows, [['of api'], ['of web']]);
    assert.deepEqual((await ask(ofWorkspace(OTHER), query)).rows, [['of another workspace']]);
    assert.equal((await ask(ofWorkspace('nobody'), query)).status, 404);
  });

  it('get the telemetry of their instrumentation keys', async () => {
    const [, origin = ''] = /IngestionEndpoint=(.+)$/.exec(emulator.connectionString) ?? [];
    const [, key = ''] = /Key=([^;]+)/.exec(emulator.workspaces[1]?.components[0]?.connectionString ?? '') ?? [];
    const keys = [WEB.instrumentationKey, API.instrumentationKey, key, 'unknown'];
    const items = keys.map((iKey) => {
      const data = { baseType: 'EventData', baseData: { name: `to ${iKey === key ? 'another' : iKey}` } };
      return { time: '2026-11-22T14:04:00Z', iKey, data };
    });
    const response = await fetch(`${origin}v2.1/track`, { method: 'POST', body: JSON.stringify(items) });
    assert.equal(response.status, 206);
    const { errors } = (await response.json()) as { errors: { index: number; message: string }[] };
    assert.deepEqual(errors, [{ index: 3, statusCode: 400, message: 'Invalid instrumentation key.' }]);
    const query = 'AppEvents | project Name, IKey, _ResourceId, TenantId | sort by Name asc';
    const { workspaceId } = emulator;
    assert.deepEqual((await ask(ofWorkspace(workspaceId), query)).rows, [
      ['to key-api', 'key-api', API.resourceId.toLowerCase(), workspaceId],
      ['to key-web', 'key-web', WEB.resourceId.toLowerCase(), workspaceId],
    ]);
    const [other] = (await ask(ofWorkspace(OTHER), query)).rows;
    assert.deepEqual(other?.slice(0, 2), ['to another', key]);
  });

  it('share the limits, which are of the caller', async () => {
    const { throttled } = emulator.counters;
    emulator.limits.requests = 0;
    for (const id of [emulator.workspaceId, OTHER]) assert.equal((await ask(ofWorkspace(id), 'print 1')).status, 429);
    emulator.limits.requests = 1000;
    assert.equal(emulator.counters.throttled, throttled + 2);
  });

  it('know no classic names', async () => {
    const { status, text } = await ask(ofWorkspace(emulator.workspaceId), 'requests | take 1');
    assert.equal(status, 400);
    assert.match(text, /SEM0100.*'requests' does not refer/);
  });
});

describe('the scope of a resource', () => {
  it('holds its rows only, under the names of the workspace', async () => {
    const query = 'AppRequests | extend T = ingestion_time(), ItemId = _ItemId | project Name, T, ItemId';
    assert.deepEqual((await ask(API.resourceId, query)).rows, [['of api', '2026-11-22T14:01:00.1234567Z', 'item']]);
    assert.deepEqual((await ask(WEB.resourceId, 'AppRequests | project Name')).rows, [['of web']]);
  });

  it('knows the classic names of tables and columns too', async () => {
    const query = `requests | where timestamp < now() and ingestion_time() > ago(1h)
      | project name, duration, success, customDimensions, itemType, itemId, cloud_RoleName, iKey`;
    const expected = ['of api', 1.5, 'False', '{"a":"b"}', 'request', 'item', '', API.instrumentationKey];
    assert.deepEqual((await ask(API.resourceId, query)).rows, [expected]);
    const tables = 'requests dependencies exceptions traces pageViews customEvents customMetrics availabilityResults';
    for (const table of `${tables} browserTimings performanceCounters`.split(' ')) {
      const { status, text } = await ask(
        WEB.resourceId,
        `${table} | where timestamp > ago(1d) | extend c = customDimensions`,
      );
      assert.equal(status, 200, text);
    }
    assert.match(
      (await ask(API.resourceId, 'requests | extend x = TimeGenerated')).text,
      /'TimeGenerated' does not refer/,
    );
    assert.match((await ask(API.resourceId, 'requests | extend x = _ItemId')).text, /'_ItemId' does not refer/);
  });

  it('may be a resource group, and is found whatever the case', async () => {
    const { rows } = await ask(
      GROUP.replace('/providers/Microsoft.Insights', '').toUpperCase().replace('SUBSCRIPTIONS', 'subscriptions'),
      'AppRequests | count',
    );
    assert.deepEqual(rows, [[2]]);
  });

  it('holds no table whose rows have no resource', async () => {
    assert.match((await ask(WEB.resourceId, 'Plain_CL | count')).text, /'Plain_CL' does not refer/);
  });

  it('is answered with 404 when there is no such resource', async () => {
    const { status, text } = await ask(`${GROUP}/components/Nobody`, 'AppRequests | count');
    assert.equal(status, 404);
    assert.match(text, /"message":"The resource .*\/components\/nobody was not found","code":"ResourceNotFoundError"/);
  });

  it('answers the real LogsQueryClient', async () => {
    const result = await createLogsClient(emulator).queryResource(API.resourceId.slice(1), 'requests | project name', {
      duration: 'P1D',
    });
    assert.deepEqual(result.status === 'Success' && result.tables[0]?.rows, [['of api']]);
  });
});

describe('rights that are missing', () => {
  const PREFER = 'wait=600, include-permissions=true';
  const resourceId = API.resourceId.toLowerCase();

  it('leave no trace in an answer unless it is asked for', async () => {
    emulator.denied.tables.add('AppRequests');
    const silent = await ask(API.resourceId, 'requests | count');
    assert.deepEqual([silent.rows, silent.permissions], [[[0]], undefined]);
  });

  it('are not shown where none is missing', async () => {
    const { rows, permissions } = await ask(API.resourceId, 'AppRequests | count', PREFER);
    assert.deepEqual(rows, [[1]]);
    assert.deepEqual(permissions, {
      resources: [{ resourceId, dataSources: [emulator.resourceId] }],
      dataSources: [{ resourceId: emulator.resourceId }],
    });
  });

  it('to a table are shown with the resource', async () => {
    emulator.denied.tables.add('AppRequests');
    const { rows, permissions } = await ask(API.resourceId, 'union AppRequests, AppTraces | count', PREFER);
    assert.deepEqual(rows, [[0]]);
    assert.deepEqual(permissions?.resources, [
      { resourceId, denyTables: ['AppRequests'], dataSources: [emulator.resourceId] },
    ]);
  });

  it('to a workspace are shown by its absence from the data sources', async () => {
    emulator.denied.workspaces.add(emulator.workspaceId);
    const { rows, permissions } = await ask(WEB.resourceId, 'AppTraces | count', PREFER);
    assert.deepEqual(rows, [[0]]);
    assert.deepEqual(permissions?.dataSources, []);
    assert.match(JSON.stringify(permissions?.resources), /workspaces\//);
  });

  it('do not concern the scope of the workspace', async () => {
    emulator.denied.tables.add('AppRequests');
    const { rows, permissions } = await ask(ofWorkspace(emulator.workspaceId), 'AppRequests | count', PREFER);
    assert.deepEqual([rows, permissions], [[[2]], undefined]);
  });
});
