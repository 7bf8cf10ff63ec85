import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type LogsEmulator, startLogsEmulator } from '../src/local/logs/emulator.ts';
import { post, rows } from './support/logs-client.ts';

const NOW = Date.parse('2026-11-22T14:05:00.250Z');

const COLUMNS = {
  TimeGenerated: 'datetime',
  Name: 'string',
  Count: 'long',
  Size: 'int',
  Ratio: 'real',
  Price: 'decimal',
  Ok: 'bool',
  Key: 'guid',
  Took: 'timespan',
  Props: 'dynamic',
} as const;

const ROWS = [
  {
    TimeGenerated: '2026-11-22T13:00:00.0000001Z',
    Name: 'Alpha one',
    Count: 1n,
    Size: 10,
    Ratio: 0.5,
    Price: '1.10',
    Ok: true,
    Key: '74be27de-1e4e-49d9-b579-fe0b331d3642',
    Took: 10_000_000n,
    Props: { a: { b: [10, 'x', null] }, 'c d': 'text', n: 5 },
  },
  {
    TimeGenerated: '2026-11-22T13:30:00Z',
    Name: 'beta-two',
    Count: 2n,
    Size: 20,
    Ratio: 1.5,
    Ok: false,
    Props: '[1,2]',
  },
  { TimeGenerated: '2026-11-22T14:30:00Z', Name: 'ALPHA', Count: 3n, Props: 'not json' },
];

let emulator: LogsEmulator;

before(async () => {
  emulator = await startLogsEmulator({ now: () => NOW, tables: { T_CL: { columns: COLUMNS } } });
  await emulator.ingest('T_CL', ROWS, { ingestionTicks: '2026-11-22T14:00:00.1234567Z' });
});

after(() => emulator.close());

/** Query to rows, on the three rows above. */
const CASES: Readonly<Record<string, unknown[][]>> = {
  'T_CL | where Name == "Alpha one" | project Count': [[1]],
  'T_CL | where Name =~ "alpha" | project Count': [[3]],
  'T_CL | where Name has "alpha" | project Count': [[1], [3]],
  'T_CL | where Name has_cs "Alpha" | project Count': [[1]],
  'T_CL | where Name !has "alpha" | project Count': [[2]],
  'T_CL | where Name has "alph" | count': [[0]],
  'T_CL | where Name hasprefix "tw" | project Count': [[2]],
  'T_CL | where Name has_any ("two", "one") | project Count': [[1], [2]],
  'T_CL | where Name contains "PHA" and Name !contains_cs "ALP" | project Count': [[1]],
  'T_CL | where Name startswith "alp" or Name endswith "TWO" | project Count': [[1], [2], [3]],
  'T_CL | where Name startswith_cs "Alp" | project Count': [[1]],
  'T_CL | where Name matches regex "^[a-z]+-" | project Count': [[2]],
  'T_CL | where Name in ("ALPHA", "beta-two") | project Count': [[2], [3]],
  'T_CL | where Name !in ("ALPHA", "beta-two") | project Count': [[1]],
  'T_CL | where Name in~ ("alpha") | project Count': [[3]],
  'T_CL | where Count between (2 .. 3) | count': [[2]],
  'T_CL | where TimeGenerated between (datetime(2026-11-22T13:00) .. 30m) | count': [[2]],
  'T_CL | where TimeGenerated > ago(1h) | project Count': [[2], [3]],
  'T_CL | where isnull(Ratio) and isnotnull(Count) | project Count': [[3]],
  'T_CL | where isempty(Key) | count': [[2]],
  'T_CL | where Props.n == 5 | project Count': [[1]],
  'T_CL | where tostring(Props["c d"]) == "text" | project v = Props.a.b[0], l = Props.a.b[-2], m = Props.zz': [
    ['10', 'x', null],
  ],
  'T_CL | where Price == 1.1 | project Price': [['1.10']],
  'T_CL | where Ok | project Key, Took, Size': [['74be27de-1e4e-49d9-b579-fe0b331d3642', '00:00:01', 10]],
  'T_CL | where Ok != true | project Name': [['beta-two'], ['ALPHA']],
  'T_CL | extend Name = toupper(Name), n = Count * 2 | project Name, n | take 1': [['ALPHA ONE', 2]],
  'T_CL | extend name = 1 | where Name == "ALPHA" | project name, Name': [[1, 'ALPHA']],
  'T_CL | project Count, Count + 1, strcat(Name, "-", Count) | top 1 by Count': [[3, 4, 'ALPHA-3']],
  'T_CL | project-away T*, P*, K*, R*, Ok | order by Count desc': [
    ['ALPHA', 3, null],
    ['beta-two', 2, 20],
    ['Alpha one', 1, 10],
  ],
  'T_CL | project-keep Count, Name | sort by Name asc': [
    ['ALPHA', 3],
    ['Alpha one', 1],
    ['beta-two', 2],
  ],
  'T_CL | project-rename N = Name | project-reorder Count, N | project-keep N, Count | where N == "ALPHA"': [
    [3, 'ALPHA'],
  ],
  'T_CL | project Name, Size | order by Size asc nulls last, Name': [
    ['Alpha one', 10],
    ['beta-two', 20],
    ['ALPHA', null],
  ],
  [`T_CL | summarize n = count(), sum(Count), avg(Ratio), min(Name),
    max(TimeGenerated) by bin(TimeGenerated, 1h) | order by TimeGenerated asc`]: [
    ['2026-11-22T13:00:00Z', 2, 3, 1, 'Alpha one', '2026-11-22T13:30:00Z'],
    ['2026-11-22T14:00:00Z', 1, 3, null, 'ALPHA', '2026-11-22T14:30:00Z'],
  ],
  'T_CL | summarize countif(Ok), dcount(Name), make_list(Count), percentile(Count, 50)': [[1, 3, '[1,2,3]', 2]],
  'T_CL | summarize Count = count() by Ok | order by Count asc, Ok asc nulls first': [
    [null, 1],
    [false, 1],
    [true, 1],
  ],
  'T_CL | distinct Ok | count': [[3]],
  'T_CL | extend Name = "x" | project-away T*, C*, S*, R*, P*, K*, Ok | distinct * | count': [[1]],
  [`let limit_ = 2; let recent = T_CL | where Count >= limit_; union recent, (T_CL | where Count == 1)
    | summarize sum(Count)`]: [[6]],
  [`T_CL | project Count | union (T_CL | project Name, Count = Count * 10) | where Count in (3, 30)
    | order by Count asc`]: [
    [3, ''],
    [30, 'ALPHA'],
  ],
  'T_CL | parse Name with head " " tail | where isnotempty(tail) | project head, tail': [['Alpha', 'one']],
  'T_CL | parse-where Name with * "-" tail:string | project tail': [['two']],
  'print s = "id=42;x" | parse s with "id=" id:long ";" tail | project id, tail': [[42, 'x']],
  'T_CL | mv-expand e = Props.a.b to typeof(string) | where Count == 1 | project e': [['10'], ['x'], ['']],
  'T_CL | where Count == 2 | mv-expand Props | project Props': [['1'], ['2']],
  'T_CL | where Count == 1 | mv-expand Props | project Props | take 1': [['{"a":{"b":[10,"x",null]}}']],
  'T_CL | project Name, Ok | getschema | project ColumnName, ColumnType, ColumnOrdinal': [
    ['Name', 'string', 0],
    ['Ok', 'bool', 1],
  ],
  [`print strlen("héé"), substring("abcdef", 1, 2), tolower("AB"), toint("7"), tolong("9007199254740991"),
    toreal("1.5"), tobool("true")`]: [[3, 'bc', 'ab', 7, 9007199254740991, 1.5, true]],
  [`print todatetime("2026-11-22T14:05:00.1234567Z"), tostring(datetime(2026-11-22)), todecimal("1.50"),
    totimespan("1.02:03:04.5"), todatetime("no")`]: [
    ['2026-11-22T14:05:00.1234567Z', '2026-11-22T00:00:00.0000000Z', '1.50', '1.02:03:04.5000000', null],
  ],
  [`print iff(1 > 2, "a", "b"), case(false, 1, true, 2, 3), coalesce(int(null), 4), round(2.345, 2),
    abs(-3), floor(7, 5), bin(7.5, 2)`]: [['b', 2, 4, 2.35, 3, 5, 6]],
  [`print extract("x=(\\\\d+)", 1, "a x=12"), split("a,b", ","), array_length(parse_json("[1,2]")),
    bag_keys(dynamic({"k":1}))`]: [['12', '["a","b"]', 2, '["k"]']],
  'print 7 / 2, 7.0 / 2, 7 % 4, 1h + 30m, datetime(2026-11-23) - datetime(2026-11-22), 1d / 1h, -5, not(true)': [
    [3, 3.5, 3, '01:30:00', '1.00:00:00', 24, -5, false],
  ],
  [`print format_datetime(datetime(2026-11-22T14:05:06), "yyyy-MM-dd HH:mm:ss"), datetime_diff("hour",
    datetime(2026-11-22T03:00), datetime(2026-11-22T01:59)), now()`]: [
    ['2026-11-22 14:05:06', 2, '2026-11-22T14:05:00.25Z'],
  ],
  'print datetime(0001-01-01), datetime(9999-12-31T23:59:59.9999999Z), datetime(null), time(-1.5h), 1tick': [
    ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.9999999Z', null, '-01:30:00', '00:00:00.0000001'],
  ],
};

describe('the Logs emulator answers KQL', () => {
  for (const [query, expected] of Object.entries(CASES)) {
    it(query, async () => {
      const found = await rows(emulator, query);
      assert.deepEqual(found, expected);
    });
  }
});

describe('the Logs emulator refuses by name', () => {
  const refused: Readonly<Record<string, [kind: string, message: RegExp]>> = {
    'T_CL | where': ['SyntaxError', /./],
    'T_CL | where x == 1': ['SemanticError', /'x' does not refer/],
    'Nope | take 1': ['SemanticError', /'Nope' does not refer/],
    'T_CL | evaluate bag_unpack(Props)': ['SemanticError', /operator Evaluate/],
    'T_CL | extend x = rand()': ['SemanticError', /function rand\(\)/],
  };
  for (const [query, [kind, message]] of Object.entries(refused)) {
    it(query, async () => {
      const response = await post(emulator, { query });
      assert.equal(response.status, 400);
      const { error } = (await response.json()) as {
        error: { code: string; innererror: { code: string; innererror: { message: string } } };
      };
      assert.equal(error.code, 'BadArgumentError');
      assert.equal(error.innererror.code, kind);
      assert.match(error.innererror.innererror.message, message);
    });
  }
});
