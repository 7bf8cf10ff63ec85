import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type LogsEmulator, startLogsEmulator } from '../src/local/logs/emulator.ts';
import { addSampleRows, SAMPLE_ROWS } from '../src/local/sample-rows.ts';
import { rows } from './support/logs-client.ts';

let emulator: LogsEmulator;

before(async () => {
  emulator = await startLogsEmulator();
});

after(() => emulator.close());

it('generated tables are full, count right, and spread over the range', async () => {
  const fromMs = Date.parse('2026-09-01T00:00:00Z');
  await emulator.generate('AppRequests', 5000, { seed: 1, fromMs, toMs: fromMs + 3_600_000 });
  assert.equal(await emulator.count('AppRequests'), 5000);
  const query =
    'AppRequests | summarize min(ingestion_time()), max(ingestion_time()), dcount(_ItemId), dcount(Url), ' +
    'countif(isnull(parse_json(Properties).tenant))';
  const [row] = await rows(emulator, query);
  assert.deepEqual(row?.slice(0, 3), ['2026-09-01T00:00:00Z', '2026-09-01T00:59:59.28Z', 5000]);
  assert.ok(Number(row?.[3]) > 50);
  assert.equal(row?.[4], 0);
});

it('each of the ten tables can have sample rows, which a first run exports', async () => {
  const other = await startLogsEmulator();
  try {
    await addSampleRows(other);
    const query = 'union App* | where ingestion_time() between (ago(3h) .. now()) | summarize count() by Type';
    const counts = (await other.query(query)).map((row) => row.count_);
    assert.deepEqual(
      counts,
      Array.from({ length: 10 }, () => SAMPLE_ROWS),
    );
  } finally {
    await other.close();
  }
});
