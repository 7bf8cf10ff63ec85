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
  ['T | where Id in ((Other | project Id))', 'T', 'where Id in ((Other | project Id))'],
  ['T | where a > toscalar(Other | summarize max(a))', 'T', 'where a > toscalar(Other | summarize max(a))'],
  [
    "T | parse Message with * 'a=' a:int ' b=' b | parse-where x with y",
    'T',
    "parse Message with * 'a=' a:int ' b=' b | parse-where x with y",
  ],
  ['T | mv-expand with_itemindex=i Properties limit 5', 'T', 'mv-expand with_itemindex=i Properties limit 5'],
  ['T | project-keep A* | project-reorder a', 'T', 'project-keep A* | project-reorder a'],
  ['T|where(a)|extend["b c"]=1', 'T', 'where(a)|extend["b c"]=1'],
  ['T | where a;', 'T', 'where a'],
  ['T; // done', 'T', ''],
  ['T\r\n| where a\r\n', 'T', 'where a'],
];

for (const [text, table, rest] of GOOD) {
  test(`${JSON.stringify(text)} can be exported`, () => {
    assert.deepEqual(parseExportQuery(text), { table, rest });
  });
}

const BAD: readonly (readonly [text: string, ...problems: RegExp[]])[] = [
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
  ['T | evaluate bag_unpack(a)', /"evaluate".*mv-expand/],
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
  ['let x = 1; T | where a', /begins with let/, /second statement at character 12/],
  ['set query_now = datetime(2026); T', /begins with set/, /second statement/],
  ['T; U', /second statement at character 4 \("U"\)/],
  ['union T, U', /begins with union/],
  ['search "x"', /begins with search/],
  ["app('x').requests", /begins with app/],
  ["workspace('x').AppRequests | where a", /begins with workspace/],
  ["database('x').T", /begins with database/],
  ["table('T') | where a", /write the name of the table/],
  ['T() | where a', /found "\(\) \| where a" at character 2/],
  ['(T) | where a', /found "\(T\) \| where a" at character 1/],
  ['App* | where a', /found "\* \| where a" at character 4/],
  ['db.T | where a', /found "\.T \| where a"/],
  ['print 1', /found "1"/],
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
  ['#connect x\nT', /directives/],
];

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
