import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type LogsEmulator, startLogsEmulator } from '../src/local/logs/emulator.ts';

const NOW = Date.parse('2026-11-22T14:05:00.250Z');
const KEY = '74be27de-1e4e-49d9-b579-fe0b331d3642';

let emulator: LogsEmulator;

before(async () => {
  emulator = await startLogsEmulator({ now: () => NOW, instrumentationKey: KEY });
});

after(() => emulator.close());

function envelope(baseType: string, baseData: object, extra: object = {}): object {
  const tags = { 'ai.operation.id': 'op', 'ai.operation.parentId': 'up', 'ai.cloud.role': 'shop', 'ai.user.id': 'me' };
  return { time: '2026-11-22T14:04:59.1234567Z', iKey: KEY, tags, data: { baseType, baseData }, ...extra };
}

async function send(body: string | Buffer, path = 'v2.1/track', headers = {}): Promise<[number, unknown]> {
  const origin = /IngestionEndpoint=(.*)$/.exec(emulator.connectionString)?.[1];
  const response = await fetch(`${origin}${path}`, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers,
  });
  return [response.status, await response.json()];
}

const dimensions = { properties: { a: 'b' }, measurements: { m: 1.5 } };
const frames = [{ level: 0, method: 'Shop.Pay', assembly: 'Shop', line: 3 }];

/** Per envelope: the table, and the columns that it must fill. */
const KINDS: readonly (readonly [
  baseType: string,
  baseData: object,
  table: string,
  columns: Record<string, unknown>,
])[] = [
  [
    'RequestData',
    {
      id: 'r',
      name: 'GET /',
      duration: '1.00:00:00.0015000',
      success: false,
      responseCode: '500',
      url: 'u',
      source: 's',
    },
    'AppRequests',
    { Id: 'r', Name: 'GET /', DurationMs: 86_400_001.5, Success: false, ResultCode: '500', Url: 'u', Source: 's' },
  ],
  [
    'RemoteDependencyData',
    { id: 'd', name: 'q', duration: '00:00:00.250', resultCode: '0', data: 'SELECT', type: 'SQL', target: 'db' },
    'AppDependencies',
    { Id: 'd', DurationMs: 250, Success: true, Data: 'SELECT', DependencyType: 'SQL', Target: 'db' },
  ],
  [
    'ExceptionData',
    {
      severityLevel: 'Error',
      problemId: 'p',
      exceptions: [
        { id: 1, typeName: 'Outer', message: 'm', parsedStack: frames },
        { id: 2, outerId: 1, typeName: 'Inner', message: 'n' },
      ],
    },
    'AppExceptions',
    { SeverityLevel: 3, ProblemId: 'p', ExceptionType: 'Outer', OuterMethod: 'Shop.Pay', InnermostMessage: 'n' },
  ],
  ['MessageData', { message: 'hello', severityLevel: 2 }, 'AppTraces', { Message: 'hello', SeverityLevel: 2 }],
  [
    'PageViewData',
    { id: 'v', name: 'n', url: 'u', duration: '00:00:01' },
    'AppPageViews',
    { Id: 'v', DurationMs: 1000 },
  ],
  [
    'PageViewPerfData',
    { name: 'n', perfTotal: '00:00:00.5', networkConnect: '00:00:00.1', domProcessing: '00:00:00.2' },
    'AppBrowserTimings',
    { TotalDurationMs: 500, NetworkDurationMs: 100, ProcessingDurationMs: 200, SendDurationMs: null },
  ],
  ['EventData', { name: 'e' }, 'AppEvents', { Name: 'e' }],
  [
    'MetricData',
    { metrics: [{ name: 'queue', value: 6, count: 3, min: 1, max: 3 }] },
    'AppMetrics',
    { Name: 'queue', Sum: 6, ItemCount: 3, Min: 1, Max: 3 },
  ],
  [
    'AvailabilityData',
    { id: 'a', name: 'ping', duration: '00:00:02', success: true, runLocation: 'Zürich', message: 'ok' },
    'AppAvailabilityResults',
    { Id: 'a', Success: true, Location: 'Zürich', Message: 'ok', DurationMs: 2000 },
  ],
];

it('every kind of telemetry arrives in its table with all that its envelope says', async () => {
  for (const [baseType, baseData, table, columns] of KINDS) {
    const body = `${JSON.stringify(envelope(baseType, { ...baseData, ...dimensions }))}\n`;
    assert.deepEqual(await send(body), [200, { itemsReceived: 1, itemsAccepted: 1, errors: [] }]);
    const [row] = await emulator.query(`${table} | extend Ingested = ingestion_time(), ItemId = _ItemId`);
    assert.ok(row);
    const common = {
      TimeGenerated: '2026-11-22T14:04:59.1234567Z',
      OperationId: 'op',
      ParentId: 'up',
      AppRoleName: 'shop',
      UserId: 'me',
      Properties: '{"a":"b"}',
      TenantId: emulator.workspaceId,
      Type: table,
      IKey: KEY,
    };
    for (const [name, value] of Object.entries({ ...common, ...columns })) {
      assert.deepEqual(row[name], value, `${table}.${name}`);
    }
    assert.match(String(row.Ingested), /^2026-11-22T14:05:00\.250\d*Z$/);
    assert.match(String(row.ItemId), /^[0-9a-f-]{36}$/);
  }
});

it('performance counters are metrics with a name of their own', async () => {
  const names = ['\\Process(??APP_WIN32_PROC??)\\Private Bytes', '\\Memory\\Available Bytes'];
  const items = names.map((name, value) => envelope('MetricData', { metrics: [{ name, value }] }));
  assert.equal((await send(JSON.stringify(items)))[0], 200);
  const rows = await emulator.query(
    'AppPerformanceCounters | project Category, Instance, Name, Value | order by Value asc',
  );
  assert.deepEqual(rows, [
    { Category: 'Process', Instance: '??APP_WIN32_PROC??', Name: 'Private Bytes', Value: 0 },
    { Category: 'Memory', Instance: '', Name: 'Available Bytes', Value: 1 },
  ]);
});

it('compressed batches arrive, and what is wrong in them is refused item by item', async () => {
  const good = (message: string): string => JSON.stringify(envelope('MessageData', { message }));
  const lines = [
    good('one'),
    JSON.stringify(envelope('Nothing', {})),
    '{broken',
    JSON.stringify(envelope('MessageData', {}, { iKey: 'other' })),
    JSON.stringify(envelope('MessageData', {}, { time: 'soon' })),
    good('two'),
  ];
  const [status, body] = await send(gzipSync(lines.join('\n')), 'v2/track', { 'Content-Encoding': 'gzip' });
  const { itemsReceived, itemsAccepted, errors } = body as {
    itemsReceived: number;
    itemsAccepted: number;
    errors: { index: number; statusCode: number }[];
  };
  assert.deepEqual([status, itemsReceived, itemsAccepted], [206, 6, 2]);
  assert.deepEqual(
    errors.map(({ index }) => index),
    [1, 2, 3, 4],
  );
  const rows = await emulator.query('AppTraces | where Message in ("one", "two") | summarize make_set(Message)');
  assert.deepEqual(JSON.parse(String(rows[0]?.set_Message)).sort(), ['one', 'two']);
  assert.equal((await send('{broken'))[0], 400);
});

it('times more than two days back or one day ahead become the time of arrival', async () => {
  const times = {
    '2026-11-20T14:05:01Z': '2026-11-20T14:05:01Z',
    '2026-11-20T14:04:59Z': undefined,
    '2026-11-23T14:04:59Z': '2026-11-23T14:04:59Z',
    '2026-11-23T14:05:01Z': undefined,
  };
  for (const [time, expected] of Object.entries(times)) {
    await send(JSON.stringify(envelope('EventData', { name: time }, { time })));
    const [row] = await emulator.query(
      `AppEvents | where Name == "${time}" | project TimeGenerated, At = ingestion_time()`,
    );
    assert.equal(row?.TimeGenerated, expected ?? row?.At);
  }
});
