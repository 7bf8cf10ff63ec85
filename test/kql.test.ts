import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KqlError, parseExportQuery } from '../src/core/kql/parse.ts';

const GOOD: readonly (readonly [text: string, table: string, rest: string])[] = [
  ['AppRequests', 'AppRequests', ''],
  ['  AppRequests  ', 'AppRequests', ''],
  ['AppRequests | where Success == false', 'AppRequests', 'where Success == false'],
  ['AppRequests\n| where Success == false\n| project Id', 'AppRequests', 'where Success == false\n| project Id'],
  ['// why\nAppTraces // what\n| where a', 'AppTraces', 'where a'],
  ["['My table'] | where a", "['My table']", 'where a'],
  ['[ "My table" ] | where a', '[ "My table" ]', 'where a'],
  ['My_Table_CL | filter a', 'My_Table_CL', 'filter a'],
  ['T | where a == "x | take 5"', 'T', 'where a == "x | take 5"'],
  ['T | where a == "\\" | take 5"', 'T', 'where a == "\\" | take 5"'],
  ["T | where a == @'\\' | project-away b", 'T', "where a == @'\\' | project-away b"],
  ["T | where a == @'it''s | take 1'", 'T', "where a == @'it''s | take 1'"],
  ["T | where a == h'secret | take 1'", 'T', "where a == h'secret | take 1'"],
  ['T | extend a = ```x | take 5\n| y```', 'T', 'extend a = ```x | take 5\n| y```'],
  ['T | extend a = ~~~x\n; | take 5~~~', 'T', 'extend a = ~~~x\n; | take 5~~~'],
  ['T | where a // | take 5', 'T', 'where a // | take 5'],
  ['T | where a // it\'s | take "5\n| extend b = 1', 'T', 'where a // it\'s | take "5\n| extend b = 1'],
  ["T | where a =~ 'x' and b !~ 'y' and c in~ ('z')", 'T', "where a =~ 'x' and b !~ 'y' and c in~ ('z')"],
  ['T | where d > datetime(2026-11-22 14:05:00.1234567)', 'T', 'where d > datetime(2026-11-22 14:05:00.1234567)'],
  ['T | where d > datetime("2026-11-22")', 'T', 'where d > datetime("2026-11-22")'],
  ['T | where d > datetime(2026/11/22) and a > 1d', 'T', 'where d > datetime(2026/11/22) and a > 1d'],
  ['T | extend x = dynamic({"a": ["|", 1]})', 'T', 'extend x = dynamic({"a": ["|", 1]})'],
  [
    "T | parse Message with * 'a=' a:int ' b=' b | parse-where x with y",
    'T',
    "parse Message with * 'a=' a:int ' b=' b | parse-where x with y",
  ],
  ['T | mv-expand with_itemindex=i Properties', 'T', 'mv-expand with_itemindex=i Properties'],
  ['T | mv-expand limit = Properties.limit', 'T', 'mv-expand limit = Properties.limit'],
  ['T | project-keep A* | project-reorder a', 'T', 'project-keep A* | project-reorder a'],
  ['T|where(a)|extend["b c"]=1', 'T', 'where(a)|extend["b c"]=1'],
  [
    'T | where Properties.is == 1 and (tobool(Properties.like))',
    'T',
    'where Properties.is == 1 and (tobool(Properties.like))',
  ],
  ['T | where a;', 'T', 'where a'],
  ['T; // done', 'T', ''],
  ['T\r\n| where a\r\n', 'T', 'where a'],
];

for (const [text, table, rest] of GOOD) {
  test(`${JSON.stringify(text)} can be exported`, () => {
    assert.deepEqual(parseExportQuery(text), { table, rest });
  });
}

const BAD: (readonly [text: string, ...problems: RegExp[]])[] = [
  ['', /found nothing, expected a table/],
  ['// nothing but a comment', /found nothing, expected a table/],
  ['requests | limit 10000', /requests is called AppRequests/, /"limit" at character 12 keeps some.*leave it out/],
  ['AppRequests | take 5', /"take".*large answers are split for you/],
  ['T | where d > datetime(2026)|take 4', /"take"/],
  ['T | summarize count() by a | order by a', /"summarize".*aggregate when you read/, /"order".*sort when you read/],
  ['T | sort by a', /"sort"/],
  ['T | count', /"count"/],
  ['T | distinct a', /"distinct"/],
  ['T | top 5 by a', /"top"/],
  ['T | sample-distinct 5 of a', /"sample-distinct"/],
  ['T | join kind=inner (U) on Id', /"join".*export of its own/],
  ['T | union U', /"union".*export of its own/],
  ['T | lookup (U) on Id', /"lookup"/],
  ['T | make-series count() on a step 1d', /"make-series"/],
  ['T | evaluate bag_unpack(a)', /"evaluate".*extend x = tostring/],
  ['T | invoke f()', /"invoke"/],
  ['T | as U', /"as".*leave it out/],
  ['T | render timechart', /"render"/],
  ['T | serialize', /"serialize"/],
  ['T | search "x"', /"search".*where \*/],
  ['T | mvexpand a', /128 elements.*write mv-expand/],
  ['T | mv-apply a on (take 1)', /"mv-apply"/],
  ['T | Where a', /case-sensitive, write where/],
  ['T | frobnicate a', /"frobnicate".*only where, filter/],
  ['T | constructor', /"constructor".*only where/],
  ['T | where-x', /"where-x"/],
  ['T |', /no operator behind a pipe/],
  ['T || where a', /no operator behind a pipe/],
  ['| where a', /expected a table/],
  ['set query_now = datetime(2026); T', /begins with set: leave it out/],
  ['T; U', /second query at character 4 \("U"\)/],
  ['T;; U', /second query at character 5 \("U"\)/],
  ['union T, U', /begins with union/],
  ['search "x"', /begins with search/],
  ["app('x').requests", /begins with app/],
  ["workspace('x').AppRequests | where a", /begins with workspace/],
  ["database('x').T", /begins with database/],
  ["table('T') | where a", /write the name of the table/],
  ['T() | where a', /T\(\) is a function: a saved function has no time of ingestion/],
  ['(T) | where a', /found "\(T\) \| where a" at character 1/],
  ['App* | where a', /found "\* \| where a" at character 4/],
  ['db.T | where a', /found "\.T \| where a"/],
  ['print 1', /begins with print/],
  ['search | where a', /begins with search/],
  ['SELECT * FROM requests', /is SQL/],
  ['.show tables', /found "\.show tables"/],
  ['$T | where a', /expected a table/],
  ['["a" + "b"] | where a', /expected a table/],
  ['T where a', /found "where a"/],
  ['T | where (a', /"\(" at character 11 is not closed/],
  ['T | where (a]', /"\]" at character 13 closes nothing/],
  ['T | where a)', /"\)" at character 12 closes nothing/],
  ["T | where a == 'x", /begins at character 16 does not end/],
  ["T | where a matches regex '\\d+'", /begins at character 27.*write @'\.\.\.'/],
  ["T | where a == 'x\n'", /does not end/],
  ['T | where a == ```x', /does not end/],
  ['T | where a == `x`', /does not end/],
  ['T | where a in~~~~x | take 5~~~', /does not end/],
  ["T | where a == datetime(it's) | take 5 //')", /datetime\(\.\.\.\).*plain literal/],
  ['T | where a // \u2028 | take 5', /control character at character 16/],
  ['T | where a // \r | take 5', /control character/],
  ['#connect x\nT', /"#" at character 1 begins a directive/],
];

BAD.push(
  // What is written in another language, or with characters of another place.
  ["T | where a == 'x' && b", /"&" at character 20 .*write and/],
  ['T | where a &gt; 5', /"&" at character 13 .*&gt; .*HTML/],
  ['T | where a || b', /no operator behind a pipe.*\|\| is written or/, /"b" at character 16 cannot be used/],
  ['T | where a AND b', /"AND" at character 13 .*write and/],
  ['T | where a and (b == 1 OR c)', /"OR" at character 25 .*write or/],
  ["T | where a like '%x'", /"like" .*write contains or has/],
  ["T | where ItemId = 'x'", /"=" at character 18 compares nothing/],
  ['T | where a is null', /"is" .*write isnull/],
  ['T | where a == \\"x\\"', /"\\" at character 16 stands outside a text/],
  ['T\\n| where a', /"\\" at character 2 .*\\n a space/],
  ['T | where a == ‘x’', /U\+2018 at character 16 is a typographic quote/],
  ['T | where a == 1 – 2', /U\+2013 at character 18 is a typographic dash/],
  ['T\uFEFF | where a', /U\+FEFF at character 2 is invisible/],
  ['T | where a\u200B == 1', /U\+200B at character 12 is invisible/],
  // Two queries in one text.
  ['AppTraces\nAppRequests', /second query at character 11 \("AppRequests"\).*<NAME>_KQL of its own/],
  ['AppTraces | where a\nAppRequests | where b', /second query at character 21/],
  // let, for single values only.
  ['let x = 1;', /found nothing behind let/],
  ['let x = 1', /found nothing behind let/],
  ['let x; T', /"let" at character 1 is not whole/],
  ['let = 1; T', /"let" at character 1 is not whole/],
  ['let x = ; T', /"let" at character 1 is not whole/],
  ['let x = U; T', /let x .*is a table/],
  ['let x = ((U | project a)); T', /let x .*is a table/],
  ['let x = datatable(a:string)["x"]; T', /let x .*is a table.*dynamic/],
  ['let x = range a from 1 to 3 step 1; T', /let x .*is a table/],
  ['let f = (a:long) { a + 1 }; T | extend b = f(a)', /let f .*is a function/],
  ['let ItemId = 1; T', /let ItemId .*name of a column/],
  ['let x = T | where a; x | where b', /let x .*is a table/, /begins with x, which let declares/],
  ['T; let x = 1', /second query/],
  // What depends on when the query runs, by whatever way.
  ['T | filter a > ago(1d)', /"ago" at character 16 moves with the time/],
  ['T | where a > datetime_add("day", -1, now())', /"now"/],
  ['T | where (a > 1 and (b < now (1h)))', /"now"/],
  ['let a = 1d; let b = now() - a; let c = b; T | where d > c', /"c" at character 57 moves/],
  ['T | extend a = ago(1h) | extend b = a | where c > b', /"b" at character 51/],
  ['T | project a = rand() | where a < 0.1', /"a" .*hash_xxhash64/],
  ['T | extend rand() | where Column1 < 0.1', /"Column1" .*hash_xxhash64/],
  ['T | project-rename a = b | extend c = now() | project-rename d = c | where d > a', /"d" at character 76/],
  ['T | parse tostring(now()) with a:string "-" * | where a == "2026"', /"a" at character 55/],
  ['T | parse-where tostring(rand()) with "0.1" a', /"rand"/],
  ['T | mv-expand a = range(1, toint(rand(5)))', /"rand"/],
  ['T | where new_guid() != a', /"new_guid"/],
  ['T | where a in ((U | where b > ago(1d) | project a))', /"ago"/],
  ['T | where hash(a, 2) == 0', /"hash" .*hash_xxhash64/],
  ['T | where extent_id() == a', /"extent_id" .*leave it out/],
  // The export's own columns.
  ['T | project ItemId = a', /"ItemId" at character 13 .*the export adds/],
  ['T | extend a = 1, ["IngestionTime"] = b', /"IngestionTime"/],
  ['T | extend (ItemId, b) = parse_x(a)', /"ItemId"/],
  ['T | mv-expand ItemId = a', /"ItemId"/],
  ['T | mv-expand with_itemindex=ItemId a', /"ItemId"/],
  ['T | parse-kv a as (ItemId:string)', /"ItemId"/],
  ['T | extend ExportItemId = a', /"ExportItemId"/],
  ['T | mv-expand a to typeof(long) limit 5', /"limit" at character 33/],
  ['T | mv-expand a limit int(5)', /"limit"/],
  // Columns in lower case, and old names.
  ["T | where _ResourceId in ('/x/RG', '/y')", /"_ResourceId in" .*write in~/],
  ["T | where a and (_ResourceId !has_cs 'RG')", /write has/],
  ["T | where _SubscriptionId != 'ABC'", /"_SubscriptionId !=" .*write !~/],
  ['AppDependencies | where type == "SQL"', /"type" .*write DependencyType/],
  ['AppRequests | extend a = cloud_RoleName', /"cloud_RoleName" .*write AppRoleName/],
  [
    'AppTraces | where operation_Id in ((AppRequests | where duration > 5 | project operation_Id))',
    /"operation_Id" at character 19 .*write OperationId/,
    /"duration" .*write DurationMs/,
    /"operation_Id" .*OperationId/,
  ],
);

for (const [text, ...problems] of BAD) {
  test(`${JSON.stringify(text)} is refused with its reason and the way out`, () => {
    assert.throws(
      () => parseExportQuery(text),
      (error: unknown) => {
        assert.ok(error instanceof KqlError);
        assert.equal(error.problems.length, problems.length, error.problems.join('\n'));
        problems.forEach((problem, index) => {
          assert.match(error.problems[index] ?? '', problem);
        });
        return true;
      },
    );
  });
}

test('what looks like a problem and is none can be exported', () => {
  const good = [
    'T | extend a = now(), b = ago(1d), c = rand(), d = new_guid()',
    'T | extend a = now() | extend a = 1 | where a == 1',
    'T | where now > 1 and a.now(b) > 2 and rand has "x"',
    'T | where limit == 5',
    'T | project a | project-away ItemId | project-rename b = IngestionTime',
    "AppRequests | project timestamp = TimeGenerated, name = Name | where name == 'a' and timestamp > datetime(2026-01-01)",
    "AppRequests | where Properties.success == 'a' and Properties['duration'] > 1",
    "AppTraces | parse Message with * 'id=' id:string ' ' * | where id == 'a'",
    'AppTraces | where OperationId in ((My_CL | project name))',
    'requests_CL | where timestamp > datetime(2026-01-01)',
    "T | where _ResourceId == '/subscriptions/x' and _ResourceId =~ '/RG' and _ResourceId has 'RG' and _ResourceId in~ ('RG')",
    "T | where a == '“ –' and b == '&' // “ &",
    'T | project a,\n  AppTraces_Id\n| where a',
    'let x = range(1, 3); T | where a in (x)',
    'let x = true; let y = x; T | where y',
  ];
  for (const text of good) assert.doesNotThrow(() => parseExportQuery(text), text);
});

test('in the old terms the column that tells rows apart keeps its content', () => {
  const parse = (text: string) => parseExportQuery(text, { inOldNames: true });
  assert.throws(() => parse('requests | extend itemId = operation_Id'), /"itemId" .*tells rows apart/);
  assert.equal(parse('requests | project itemId, name').table, 'requests');
  assert.equal(parse('AppRequests | extend itemId = Id').table, 'AppRequests');
});

test('a list of tens of thousands is read in no time', () => {
  const ids = Array.from({ length: 30_000 }, (_, index) => `"${index}"`).join(', ');
  const startedMs = performance.now();
  parseExportQuery(`T | where a in (${ids})`);
  assert.ok(performance.now() - startedMs < 5_000);
});
