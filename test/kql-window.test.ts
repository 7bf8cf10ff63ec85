import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnWarnings } from '../src/core/kql/columns.ts';
import { parseExportQuery } from '../src/core/kql/parse.ts';
import { ADDED, ADDED_APART, formatQuery, histogramQuery, windowQuery } from '../src/core/kql/query.ts';

test('let statements stand in front of the window, as they were written', () => {
  const text = 'let a = 1; // one | take 5\nlet b = a + 1;\n\n// what\nT // the table\n| where c in (a, b) // end';
  const query = parseExportQuery(text);
  const lets = 'let a = 1; // one | take 5\nlet b = a + 1;';
  assert.deepEqual(query, { lets, table: 'T', rest: 'where c in (a, b) // end' });
  assert.equal(formatQuery(query), `${lets}\nT | where c in (a, b) // end`);
  const window = { startMs: 0, endMs: 1 };
  const range =
    'ingestion_time() >= datetime(1970-01-01T00:00:00.000Z) and ingestion_time() < datetime(1970-01-01T00:00:00.001Z)';
  const lines = [
    `${lets}\nT`,
    `where ${range}`,
    'extend IngestionTime = ingestion_time(), ItemId = _ItemId',
    query.rest,
  ];
  assert.equal(windowQuery(query, { window }, { ...ADDED, proven: true }), lines.join('\n| '));
});

test('the added columns have other names where a table has its own', () => {
  const query = parseExportQuery('T');
  const window = { startMs: 0, endMs: 1 };
  const own = windowQuery(query, { window }, { ...ADDED_APART, proven: true });
  assert.match(own, /\| extend ExportIngestionTime = ingestion_time\(\), ExportItemId = _ItemId$/);
  assert.match(
    histogramQuery(query, window, 5, { ...ADDED_APART, proven: true }),
    /by Start = bin\(ExportIngestionTime, 5ms\)$/,
  );
});

test('a query that reads other tables says so', () => {
  const reading = [
    'T | where Id in ((Other | project Id))',
    'T | where Id !in (Other)',
    'T | where Id in~ (Other)',
    'T | where a > toscalar(Other | summarize max(a))',
    'let x = toscalar(Other | count); T | where a > x',
    "T | where a in ((externaldata(a:string)['https://x']))",
    "T | where a in (table('Other'))",
    'T | where a in ((union Other, Another))',
    'T | where a in ((Other))',
  ];
  for (const text of reading) assert.equal(parseExportQuery(text).readsOthers, true, text);
  const alone = ['T', "T | where a in ('x', 'y')", 'let x = dynamic([1]); T | where a in (x)', 'T | where a in (b, c)'];
  for (const text of alone) assert.equal(parseExportQuery(text).readsOthers, undefined, text);
});

test('columns that readers of the parts will stumble over are named', () => {
  const warn = (...names: string[]) =>
    columnWarnings(
      names.map((name) => ({ name, type: 'string' })),
      'ItemId',
    ).join('\n');
  assert.equal(warn('ItemId', 'a', 'b', 'year', 'dd'), '');
  assert.match(warn('ItemId', 'y', 'M', 'd', 'h'), /^the column y, M, d, h has the name of a folder.*project-rename$/);
  assert.match(warn('ItemId', 'Id', 'id', 'a', 'A'), /^the columns Id and id, a and A differ in their case only/);
  assert.match(warn('a'), /^the query drops ItemId/);
  assert.deepEqual(columnWarnings([{ name: 'a', type: 'long' }], undefined), []);
});
