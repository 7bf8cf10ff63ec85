import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type LogsEmulator, startLogsEmulator } from '../src/local/logs/emulator.ts';
import { answer, createLogsClient, post, rows } from './support/logs-client.ts';

const NOW = Date.parse('2026-11-22T14:05:00.250Z');
const CELLS = {
  Text: 'string',
  Time: 'datetime',
  Long: 'long',
  Int: 'int',
  Real: 'real',
  Decimal: 'decimal',
  Bool: 'bool',
  Guid: 'guid',
  Span: 'timespan',
  Dynamic: 'dynamic',
} as const;

/** What goes in, and the cell that the wire must show for it. */
const VALUES: Readonly<Partial<Record<keyof typeof CELLS, readonly (readonly [value: unknown, json: string])[]>>> = {
  Text: [
    ['', '""'],
    [null, '""'],
    ['quote " backslash \\ slash /', '"quote \\" backslash \\\\ slash /"'],
    ['\u0000\u0001\u001f\n\r\t\b\f\u007f', '"\\u0000\\u0001\\u001F\\n\\r\\t\\b\\f\u007f"'],
    ['héé \u2028 😀', '"héé \u2028 😀"'],
    ['lone \ud800 and \udfff', '"lone \\ud800 and \\udfff"'],
    ['private \u{10F800}\u{10FFFF}', '"private \\udbfe\\udc00\\udbff\\udfff"'],
    ["it's", '"it\'s"'],
  ],
  Time: [
    ['2026-11-22T14:05:00.1234567Z', '"2026-11-22T14:05:00.1234567Z"'],
    ['2026-11-22T14:05:00.1000000Z', '"2026-11-22T14:05:00.1Z"'],
    ['2026-11-22T14:05:00Z', '"2026-11-22T14:05:00Z"'],
    ['1969-12-31T23:59:59.9999999Z', '"1969-12-31T23:59:59.9999999Z"'],
    ['9999-12-31T23:59:59.9999999Z', '"9999-12-31T23:59:59.9999999Z"'],
    [null, 'null'],
  ],
  Long: [
    [9223372036854775807n, '9223372036854775807'],
    [-9223372036854775808n, '-9223372036854775808'],
    [9007199254740993n, '9007199254740993'],
    [null, 'null'],
  ],
  Int: [[-2147483648, '-2147483648']],
  Real: [
    [0.1, '0.1'],
    [1e300, '1e300'],
    [5e-324, '5e-324'],
    [Number.NaN, '"NaN"'],
    [Number.POSITIVE_INFINITY, '"Infinity"'],
    [Number.NEGATIVE_INFINITY, '"-Infinity"'],
    [null, 'null'],
  ],
  Decimal: [
    ['0.10', '"0.10"'],
    ['1234567890123456789012345678901234', '"1234567890123456789012345678901234"'],
    [null, 'null'],
  ],
  Bool: [
    [true, 'true'],
    [false, 'false'],
    [null, 'null'],
  ],
  Guid: [
    ['74be27de-1e4e-49d9-b579-fe0b331d3642', '"74be27de-1e4e-49d9-b579-fe0b331d3642"'],
    [null, 'null'],
  ],
  Span: [
    [-12_345_678n, '"-00:00:01.2345678"'],
    [1_864_000_000_000n, '"2.03:46:40"'],
  ],
  Dynamic: [
    [{ a: [1, 'x', null] }, '"{\\"a\\":[1,\\"x\\",null]}"'],
    ['{"big":12345678901234567890123,"big":1.10}', '"{\\"big\\":12345678901234567890123,\\"big\\":1.10}"'],
    ['[broken', '"[broken"'],
    ['plain text', '"plain text"'],
    ['{"s":"\\ud800"}', '"{\\"s\\":\\"\\\\ud800\\"}"'],
    ['1', '"1"'],
    [null, 'null'],
  ],
};

let emulator: LogsEmulator;

before(async () => {
  const special = { columns: { TimeGenerated: 'datetime', Name: 'string' } } as const;
  emulator = await startLogsEmulator({
    now: () => NOW,
    tables: {
      Cells_CL: { columns: CELLS },
      NoItemId_CL: { ...special, itemId: false },
      SavedFunction_CL: { ...special, ingestionTime: false },
    },
  });
});

after(() => emulator.close());

describe('a cell arrives as it was stored', () => {
  for (const [column, values] of Object.entries(VALUES)) {
    it(column, async () => {
      for (const [value, expected] of values) {
        const ingestionTicks = BigInt(NOW) * 10_000n + BigInt(Math.floor(performance.now() * 1e6));
        await emulator.ingest('Cells_CL', [{ [column]: value, _ItemId: 'wanted' }], { ingestionTicks });
        const query = `Cells_CL | top 1 by ingestion_time() | project ${column}`;
        const text = await (await post(emulator, { query }, { 'Cache-Control': 'no-cache' })).text();
        assert.equal(/"rows":\[\[(.*)\]\]\}\]\}$/s.exec(text)?.[1], expected);
      }
    });
  }

  it('texts of a megabyte', async () => {
    const long = '\u{1F600}"x'.repeat(250_000);
    await emulator.ingest('AppTraces', [{ Message: long, Properties: { long } }]);
    const [row] = await rows(emulator, 'AppTraces | where strlen(Message) > 100000 | project Message, Properties');
    assert.equal(row?.[0], long);
    assert.deepEqual(JSON.parse(String(row?.[1])), { long });
  });
});

describe('the exporter’s queries', () => {
  const window =
    'where ingestion_time() >= datetime(2026-11-01) and ingestion_time() < datetime(2026-11-01T00:00:00.001Z)';
  const named = 'extend IngestionTime = ingestion_time(), ItemId = _ItemId';

  before(async () => {
    for (const [index, time] of ['00.0000000', '00.0009999', '00.0010000'].entries()) {
      const ingestionTicks = `2026-11-01T00:00:${time}Z`;
      await emulator.ingest('AppEvents', [{ Name: `event ${index}`, _ItemId: `item ${index}` }], { ingestionTicks });
    }
  });

  it('select by ingestion time to the tick, half-open', async () => {
    const found = await rows(emulator, `AppEvents | ${window} | ${named} | project Name, IngestionTime, ItemId`);
    assert.deepEqual(found, [
      ['event 0', '2026-11-01T00:00:00Z', 'item 0'],
      ['event 1', '2026-11-01T00:00:00.0009999Z', 'item 1'],
    ]);
  });

  it('show hidden columns only when they are named', async () => {
    const names = async (rest: string): Promise<string[] | undefined> =>
      (await answer(emulator, `AppEvents | ${rest}`)).tables[0]?.columns.map(({ name }) => name);
    const plain = await names('take 1');
    assert.equal(plain?.length, 34);
    assert.deepEqual(plain?.slice(0, 2), ['TenantId', 'TimeGenerated']);
    assert.deepEqual(await names(`${window} | ${named}`), [...(plain ?? []), 'IngestionTime', 'ItemId']);
    assert.deepEqual(await names('project-reorder *'), plain);
    assert.deepEqual(
      await names('project-keep _*, Name'),
      plain?.filter((name) => /^_|^Name$/.test(name)),
    );
    assert.deepEqual(await names('where isnotempty(_ItemId) | project-away TenantId'), plain?.slice(1));
    assert.deepEqual(await names('project Name, _ItemId, _TimeReceived'), ['Name', '_ItemId', '_TimeReceived']);
    assert.deepEqual(await names('union AppEvents'), plain);
  });

  it('split into buckets that add up to the count', async () => {
    const at = Date.parse('2026-10-01T00:00:00Z');
    await emulator.generate('AppPageViews', 1000, { seed: 7, fromMs: at, toMs: at + 1 });
    const source = 'AppPageViews | where ingestion_time() < datetime(2026-10-01T00:00:00.001Z)';
    const counts: unknown[] = [];
    for (let index = 0; index < 4; index++) {
      const [row] = await rows(emulator, `${source} | where hash_xxhash64(_ItemId, 4) == ${index} // comment\n| count`);
      counts.push(row?.[0]);
    }
    assert.equal(
      counts.reduce((sum: number, count) => sum + Number(count), 0),
      1000,
    );
    assert.ok(counts.every((count) => Number(count) > 150));
  });

  it('are refused with a semantic error that names _ItemId where a table has none', async () => {
    const response = await post(emulator, { query: `NoItemId_CL | ${window} | ${named}` });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /SemanticError.*'_ItemId' does not refer/);
  });

  it('see no ingestion time in a saved function', async () => {
    await emulator.ingest('SavedFunction_CL', [{ Name: 'x' }]);
    assert.deepEqual(await rows(emulator, 'SavedFunction_CL | extend X = ingestion_time() | take 1 | project X'), [
      [null],
    ]);
    assert.deepEqual(await rows(emulator, `SavedFunction_CL | ${window} | count`), [[0]]);
  });

  it('see only rows whose TimeGenerated lies in the timespan', async () => {
    const query = 'AppSystemEvents | project Name';
    const at = (TimeGenerated: string) => ({ TimeGenerated, Name: TimeGenerated.slice(11, 16) });
    await emulator.ingest(
      'AppSystemEvents',
      ['12:00', '13:00', '14:00'].map((time) => at(`2026-11-22T${time}:00Z`)),
    );
    const found = async (timespan: string) => (await answer(emulator, query, timespan)).tables[0]?.rows.flat();
    assert.deepEqual(await found('2026-11-22T12:00:00Z/2026-11-22T13:00:00Z'), ['12:00']);
    assert.deepEqual(await found('2026-11-22T12:30:00Z/PT2H'), ['13:00', '14:00']);
    assert.deepEqual(await found('PT1H'), ['14:00']);
    assert.deepEqual(await found('PT2H'), ['13:00', '14:00']);
    assert.equal((await post(emulator, { query, timespan: 'soon' })).status, 400);
  });
});

describe('the query API', () => {
  it('answers the real LogsQueryClient', async () => {
    await emulator.ingest('AppMetrics', [
      { TimeGenerated: '2026-11-22T14:00:00.5Z', Name: 'queue', Sum: 2.5, ItemCount: 3, Properties: { a: 1 } },
    ]);
    const client = createLogsClient(emulator);
    const query = 'AppMetrics | project TimeGenerated, Name, Sum, ItemCount, Properties';
    const result = await client.queryWorkspace(emulator.workspaceId, query, { duration: 'P1D' });
    assert.equal(result.status, 'Success');
    assert.deepEqual(result.status === 'Success' && result.tables[0]?.rows, [
      [new Date('2026-11-22T14:00:00.5Z'), 'queue', 2.5, 3, { a: 1 }],
    ]);
  });

  it('dates its answers by its clock and compresses them when asked', async () => {
    const response = await post(emulator, { query: 'print 1' }, { 'Accept-Encoding': 'gzip' });
    assert.equal(response.headers.get('date'), 'Sun, 22 Nov 2026 14:05:00 GMT');
    assert.equal(response.headers.get('content-encoding'), 'gzip');
    assert.equal(
      await response.text(),
      '{"tables":[{"name":"PrimaryResult","columns":[{"name":"print_0","type":"long"}],"rows":[[1]]}]}',
    );
  });

  it('refuses other workspaces, other paths, and requests without a token or a query', async () => {
    const url = `${emulator.endpoint}/workspaces/${emulator.workspaceId}/query`;
    const status = async (at: string, body: string, headers = {}): Promise<unknown> => {
      const response = await fetch(at, { method: 'POST', body, headers });
      const { error } = (await response.json()) as { error: { code: string } };
      return [response.status, error.code];
    };
    const token = { Authorization: 'Bearer local' };
    assert.deepEqual(await status(url, '{"query":"print 1"}'), [401, 'AuthorizationRequiredError']);
    assert.deepEqual(await status(url.replace(emulator.workspaceId, 'x'), '{}', token), [404, 'PathNotFoundError']);
    assert.deepEqual(await status(`${emulator.endpoint}/else`, '{}', token), [404, 'PathNotFoundError']);
    assert.deepEqual(await status(url, '{}', token), [400, 'BadArgumentError']);
    assert.deepEqual(await status(url, 'no json', token), [400, 'BadArgumentError']);
  });
});
