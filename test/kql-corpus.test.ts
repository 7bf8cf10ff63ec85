import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createLogs } from '../src/azure/logs/logs.ts';
import { parseExportQuery } from '../src/core/kql/parse.ts';
import { readAll } from '../src/core/rows.ts';
import type { Look } from '../src/core/sink.ts';
import { openTable, type Table } from '../src/core/table.ts';
import { type LogsEmulator, startLogsEmulator } from '../src/local/logs/emulator.ts';
import { QUERIES } from './support/queries.ts';

// Each query that an export takes is run as an export runs it: the look, a window, buckets of it, a count and a recount.

const TABLES = [
  ...['AppRequests', 'AppTraces', 'AppExceptions', 'AppDependencies', 'AppEvents', 'AppMetrics', 'AppPageViews'],
  ...['AppAvailabilityResults', 'AppPerformanceCounters', 'AppBrowserTimings', 'MyApp_CL'],
];
const NOW_MS = Date.parse('2026-11-22T14:05:00Z');
const window = { startMs: NOW_MS - 600_000, endMs: NOW_MS - 60_000 };
const ROWS = 24;
const asking = () => ({ signal: AbortSignal.timeout(60_000), timeoutMs: 60_000 });

let emulator: LogsEmulator;

before(async () => {
  const own = { TimeGenerated: 'datetime', Level_s: 'string', Message: 'string' } as const;
  emulator = await startLogsEmulator({ now: () => NOW_MS, tables: { MyApp_CL: { columns: own } } });
  const range = { fromMs: window.startMs, toMs: window.endMs };
  for (const table of TABLES) await emulator.generate(table, ROWS, { seed: 7, ...range });
});
after(() => emulator.close());

function open(text: string): Table {
  const logs = createLogs({ endpoint: new URL(emulator.endpoint), credential: undefined });
  return openTable(logs, emulator.workspaceId, parseExportQuery(text), () => NOW_MS);
}

async function rowsOf(table: Table, look: Look, bucket?: { index: number; of: number }) {
  return (await table.rows({ window, bucket }, look, asking(), readAll)).value;
}

const taken = QUERIES.filter(({ verdict }) => verdict === 'exported' || verdict === 'warned');

for (const { query: text } of taken) {
  test(`runs: ${JSON.stringify(text)}`, async () => {
    const table = open(text);
    const { value: look } = await table.look(asking());
    assert.deepEqual(look, { itemId: 'ItemId', ingestionTime: 'IngestionTime', proven: true });
    const rows = await rowsOf(table, look);
    assert.equal(await table.count(window, look, asking()), rows.length);
    const buckets = [await rowsOf(table, look, { index: 0, of: 2 }), await rowsOf(table, look, { index: 1, of: 2 })];
    // Rows of a bucket are those of the window; a column of the time of the query is another one each time.
    assert.equal(buckets.flat().length, rows.length);
    if (rows.length === 0 || !('ItemId' in (rows[0] ?? {}))) return;
    const { value: recount } = await table.recount([window], look, look.itemId, asking());
    assert.deepEqual([recount.tallies[0]?.rows, recount.withoutTime], [rows.length, 0]);
  });
}

test('most of them find rows, so that something has been run', async () => {
  let found = 0;
  for (const { query } of taken) {
    const table = open(query);
    found += Number((await rowsOf(table, (await table.look(asking())).value)).length > 0);
  }
  assert.ok(found > taken.length / 2, `${found} of ${taken.length}`);
});
