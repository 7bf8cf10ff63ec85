import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type LogsEmulator, startLogsEmulator } from '../src/local/logs/emulator.ts';
import { answer, post, rows } from './support/logs-client.ts';

const NOW = Date.parse('2026-11-22T14:05:00.250Z');

let emulator: LogsEmulator;

before(async () => {
  const own = { TimeGenerated: 'datetime', ItemId: 'string', IngestionTime: 'string' } as const;
  emulator = await startLogsEmulator({
    now: () => NOW,
    tables: { Own_CL: { columns: own }, NoItemId_CL: { columns: own, itemId: false } },
    functions: { Slow: 'AppRequests | where DurationMs > 100', Slower: 'Slow | where DurationMs > 1000' },
  });
  await emulator.ingest('AppRequests', [
    { Name: 'GET /', DurationMs: 50, OperationId: 'a', Url: 'https://shop.example/cart' },
    { Name: 'POST /pay', DurationMs: 500, OperationId: 'b', Properties: { tenant: 'x', tags: ['new', 'eu'] } },
    { Name: 'GET /slow', DurationMs: 5000, OperationId: 'c', ResultCode: '503' },
  ]);
  await emulator.ingest('AppExceptions', [{ OperationId: 'b', ProblemId: 'p' }]);
  await emulator.ingest('Own_CL', [{ ItemId: 'mine', IngestionTime: 'early' }]);
});

after(() => emulator.close());

const X = 'let X = datatable(Key:string, Value1:long)["a",1, "b",2, "b",3, "c",4]';
const Y = 'let Y = datatable(Key:string, Value2:long)["b",10, "c",20, "c",30, "d",40]';
const SORTED = 'sort by Value1 asc nulls first, Value2 asc nulls first';

/** The documentation's pages of the kinds of join, in an order of ours. */
const JOINS: Readonly<Record<string, unknown[][]>> = {
  'X | join kind=inner Y on Key': [
    ['b', 2, 'b', 10],
    ['b', 3, 'b', 10],
    ['c', 4, 'c', 20],
    ['c', 4, 'c', 30],
  ],
  'X | join kind=leftouter Y on Key': [
    ['a', 1, '', null],
    ['b', 2, 'b', 10],
    ['b', 3, 'b', 10],
    ['c', 4, 'c', 20],
    ['c', 4, 'c', 30],
  ],
  'X | join kind=rightouter Y on $left.Key == $right.Key': [
    ['', null, 'd', 40],
    ['b', 2, 'b', 10],
    ['b', 3, 'b', 10],
    ['c', 4, 'c', 20],
    ['c', 4, 'c', 30],
  ],
  'X | join kind=fullouter (Y | where Key != "c") on Key': [
    ['', null, 'd', 40],
    ['a', 1, '', null],
    ['b', 2, 'b', 10],
    ['b', 3, 'b', 10],
    ['c', 4, '', null],
  ],
};

const CHOICES: Readonly<Record<string, unknown[][]>> = {
  'X | join kind=leftanti Y on Key': [['a', 1]],
  'X | join kind=rightanti Y on Key': [['d', 40]],
  'X | join kind=leftsemi Y on Key | sort by Value1 asc': [
    ['b', 2],
    ['b', 3],
    ['c', 4],
  ],
  'X | join kind=rightsemi Y on Key | sort by Value2 asc': [
    ['b', 10],
    ['c', 20],
    ['c', 30],
  ],
  'X | lookup Y on Key | sort by Value1 asc, Value2 asc': [
    ['a', 1, null],
    ['b', 2, 10],
    ['b', 3, 10],
    ['c', 4, 20],
    ['c', 4, 30],
  ],
  'X | join Y on Key | summarize count() by Key | sort by Key asc': [
    ['b', 1],
    ['c', 2],
  ],
};

describe('joins', () => {
  for (const [query, expected] of Object.entries(JOINS)) {
    it(query, async () => assert.deepEqual(await rows(emulator, `${X}; ${Y}; ${query} | ${SORTED}`), expected));
  }
  for (const [query, expected] of Object.entries(CHOICES)) {
    it(query, async () => assert.deepEqual(await rows(emulator, `${X}; ${Y}; ${query}`), expected));
  }

  it('of tables keep hidden columns hidden, and name what is there twice', async () => {
    const query = 'AppRequests | join kind=inner AppExceptions on OperationId';
    const columns = (await answer(emulator, query)).tables[0]?.columns.map(({ name }) => name) ?? [];
    assert.deepEqual([columns.includes('_ItemId'), columns.includes('_ItemId1')], [false, false]);
    assert.deepEqual([columns.includes('OperationId1'), columns.includes('ProblemId')], [true, true]);
    assert.deepEqual(await rows(emulator, `${query} | project Name, ProblemId, ingestion_time()`), [
      ['POST /pay', 'p', null],
    ]);
  });
});

const QUERIES: Readonly<Record<string, unknown[][]>> = {
  'AppRequests | where * has "cart" | project OperationId': [['a']],
  'AppRequests | where * == "503" | project OperationId': [['c']],
  'AppRequests | where * contains "SHOP" or Name == "GET /slow" | count': [[2]],
  'AppRequests | where OperationId in ((AppExceptions | project OperationId)) | project Name': [['POST /pay']],
  'AppRequests | where OperationId !in ((AppExceptions | project OperationId)) | count': [[2]],
  'let broken = AppExceptions | project OperationId; AppRequests | where OperationId in (broken) | project Name': [
    ['POST /pay'],
  ],
  'let names = dynamic(["GET /", "GET /slow"]); AppRequests | where Name in (names) | count': [[2]],
  'AppRequests | where Name in~ (dynamic(["get /", "nope"])) | project Name': [['GET /']],
  'AppRequests | where DurationMs in (dynamic([50, 5000])) | count': [[2]],
  'AppRequests | where Name has_any (dynamic(["pay", "slow"])) | count': [[2]],
  'AppRequests | where Name has_all (dynamic(["get", "slow"])) | count': [[1]],
  'AppRequests | where "eu" in (Properties.tags) | project Name': [['POST /pay']],
  [`let slowest = toscalar(AppRequests | summarize max(DurationMs)); AppRequests
    | where DurationMs == slowest | project Name`]: [['GET /slow']],
  [`AppRequests | extend Share = DurationMs / toscalar(AppRequests | summarize sum(DurationMs))
    | summarize round(sum(Share), 6)`]: [[1]],
  [`let limit_ms = 100.0; let since = datetime(2026-11-01); AppRequests
    | where TimeGenerated > since and DurationMs > limit_ms | count`]: [[2]],
  [`AppRequests | where DurationMs < 100 | extend a = column_ifexists("Nope", "none"),
    b = column_ifexists("Name", "none") | project a, b`]: [['none', 'GET /']],
  'AppRequests | where DurationMs == 500 | extend t = bag_pack("name", Name, "tenant", Properties.tenant) | project t':
    [['{"name":"POST /pay","tenant":"x"}']],
  [`AppRequests | where DurationMs == 500 | mv-expand tag = Properties.tags to typeof(string),
    key = Properties.tags | project tag, key`]: [
    ['new', 'new'],
    ['eu', 'eu'],
  ],
  [`AppRequests | where DurationMs == 500 | mv-expand with_itemindex=i tag = Properties.tags to typeof(string)
    | project i, tag`]: [
    [0, 'new'],
    [1, 'eu'],
  ],
  [`AppRequests | where DurationMs == 500 | extend bag = bag_pack("a", 1, "b", "x") | mv-expand kind=array bag
    | project bag`]: [['["a",1]'], ['["b","x"]']],
  [`AppRequests | where DurationMs == 500 | extend bag = bag_pack("a", 1) | mv-expand bagexpansion=bag bag
    | project bag`]: [['{"a":1}']],
  'AppRequests | where DurationMs == 500 | mv-expand Properties.tags limit 1 | project Properties_tags': [['new']],
  'AppRequests | summarize arg_max(DurationMs, Name, OperationId)': [[5000, 'GET /slow', 'c']],
  'AppRequests | summarize arg_min(DurationMs, *) by Type | project Name, DurationMs': [['GET /', 50]],
  'AppRequests | summarize percentiles(DurationMs, 50, 100), count_distinct(Name)': [[500, 5000, 3]],
  'AppRequests | as hint | project DurationMs | sort by DurationMs asc | take 1 | render timechart': [[50]],
  'union (AppRequests | project Name), (AppRequests | project Other = ResultCode) | where isempty(Name) | count': [[3]],
  'union isfuzzy=true AppRequests, AppEx* | summarize count() by Type | sort by Type asc': [
    ['AppExceptions', 1],
    ['AppRequests', 3],
  ],
  'AppRequests | where TimeGenerated >= todatetime("2026-11-01") | count': [[3]],
};

describe('whole queries', () => {
  for (const [query, expected] of Object.entries(QUERIES)) {
    it(query, async () => assert.deepEqual(await rows(emulator, query), expected));
  }
});

describe('a saved function', () => {
  it('answers as a table, with brackets and without, and has no ingestion time', async () => {
    const names = [['GET /slow'], ['POST /pay']];
    for (const name of ['Slow', 'Slow()', 'Slow | where isnull(ingestion_time())']) {
      assert.deepEqual(await rows(emulator, `${name} | project Name | sort by Name asc`), names);
    }
    assert.deepEqual(await rows(emulator, 'Slower | join kind=inner Slow on Name | project Name'), [['GET /slow']]);
    assert.deepEqual(await rows(emulator, 'Slow | where ingestion_time() < now() | count'), [[0]]);
  });

  it('is part of a union in which the other rows have their time', async () => {
    const query = 'union Slower, AppExceptions | summarize countif(isnull(ingestion_time())), count()';
    assert.deepEqual(await rows(emulator, query), [[1, 2]]);
  });
});

describe('tables of another kind', () => {
  it('have columns with the exporter’s names, which stand beside the hidden ones', async () => {
    assert.deepEqual(
      await rows(emulator, 'Own_CL | project ItemId, IngestionTime, isnotempty(_ItemId), ingestion_time() > ago(1h)'),
      [['mine', 'early', true, true]],
    );
    const over = await rows(emulator, 'Own_CL | extend ItemId = _ItemId | where ItemId == "mine" | count');
    assert.deepEqual(over, [[0]]);
  });

  it('have no _ItemId', async () => {
    const response = await post(emulator, { query: 'NoItemId_CL | extend X = _ItemId' });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /SemanticError.*'_ItemId' does not refer/);
    assert.deepEqual(await rows(emulator, 'NoItemId_CL | extend ItemId = "own" | count'), [[0]]);
  });
});

/** What the parser takes and the translation does not know, and the name that the message must have. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'AppRequests | evaluate bag_unpack(Properties)': /operator Evaluate/,
  'AppRequests | make-series count() on TimeGenerated from ago(1d) to now() step 1h': /operator MakeSeries/,
  'AppRequests | mv-apply t = Properties on (take 1)': /operator MvApply/,
  'AppRequests | top-nested 1 of Name by count()': /operator TopNested/,
  'search "cart"': /Search/,
  'find in (AppRequests) where Name == "x"': /Find/,
  'let f = (x: long) { x + 1 }; AppRequests | extend y = f(1)': /function f\(\)/,
  'AppRequests | extend x = rand()': /function rand\(\)/,
  'AppRequests | extend x = row_number()': /function row_number\(\)/,
  'print format_datetime(now(), "fffff")': /format_datetime\(\)/,
  'print datetime_add("nanosecond", 1, now())': /datetime_add\(\)/,
  'print hash_xxhash64(1.5)': /hash_xxhash64\(\)/,
  'AppRequests | where Name has_any ((AppExceptions | project ProblemId))': /a table here/,
  'AppRequests | where * !has "x"': /'\*' in front of a negated operator/,
  'union withsource=Source AppRequests, AppExceptions': /withsource/,
};

describe('the Logs emulator refuses by name', () => {
  for (const [query, message] of Object.entries(REFUSED)) {
    it(query, async () => {
      const response = await post(emulator, { query });
      assert.equal(response.status, 400);
      assert.match(await response.text(), message);
    });
  }
});
