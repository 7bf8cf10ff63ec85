import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, it } from 'node:test';
import xxhash from 'xxhash-wasm';
import { type LogsEmulator, startLogsEmulator } from '../src/local/logs/emulator.ts';

const HOUR_MS = 3_600_000;
const START = Date.parse('2026-11-22T10:00:00Z');

let emulator: LogsEmulator;

before(async () => {
  emulator = await startLogsEmulator({ now: () => START + 4 * HOUR_MS });
  await emulator.generate('AppTraces', 20_000, { seed: 1, fromMs: START, toMs: START + 3 * HOUR_MS });
  const odd = ['', 'é', '\u{1F600}', 'x'.repeat(100), "it's", '74be27de-1e4e-49d9-b579-fe0b331d3642'];
  await emulator.ingest(
    'AppTraces',
    odd.map((_ItemId) => ({ _ItemId })),
    { ingestionTicks: '2026-11-22T12:59:59.9999999Z' },
  );
});

after(() => emulator.close());

/** The query of an audit, over claims of one hour each. */
const RECOUNT = `AppTraces
  | where ingestion_time() >= datetime(2026-11-22T10:00:00Z) and ingestion_time() < datetime(2026-11-22T13:00:00Z)
  | extend IngestionTime = ingestion_time(), ItemId = _ItemId
  | extend h = hash_xxhash64(tostring(ItemId))
  | summarize Rows = count(), Xor = tohex(binary_all_xor(h)), Sum = sum(binary_and(h, 4294967295))
    by Hour = bin(IngestionTime, 1h)
  | order by Hour asc`;

/** The same by means of JavaScript alone. */
async function recount(): Promise<object[]> {
  const { h64 } = await xxhash();
  const hours = new Map<string, { rows: number; xor: bigint; sum: bigint }>();
  for (const row of await emulator.query('AppTraces | project Time = ingestion_time(), ItemId = _ItemId')) {
    const hour = `${String(row.Time).slice(0, 13)}:00:00Z`;
    const claim = hours.get(hour) ?? { rows: 0, xor: 0n, sum: 0n };
    const key = h64(String(row.ItemId));
    hours.set(hour, { rows: claim.rows + 1, xor: claim.xor ^ key, sum: claim.sum + (key & 0xffff_ffffn) });
  }
  return [...hours]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([Hour, { rows, xor, sum }]) => ({ Hour, Rows: rows, Xor: xor.toString(16), Sum: Number(sum) }));
}

it('a recount agrees with the same computation in JavaScript', async () => {
  const found = await emulator.query(RECOUNT);
  assert.equal(found.length, 3);
  assert.deepEqual(found, await recount());
});

it('a recount sees a row that is doubled, deleted or late, each in its hour', async () => {
  const [first, second, third] = await emulator.query(RECOUNT);
  await emulator.ingest('AppTraces', [{ _ItemId: 'twice' }], { ingestionTicks: '2026-11-22T10:00:00Z' });
  await emulator.ingest('AppTraces', [{ _ItemId: 'twice' }], { ingestionTicks: '2026-11-22T10:00:00Z' });
  await emulator.ingest('AppTraces', [{ _ItemId: 'late' }], { lateMs: 2.5 * HOUR_MS });
  await emulator.remove('AppTraces', '_ItemId startswith "74be27de-1e4e"');
  const after = await emulator.query(RECOUNT);
  // Two equal keys cancel each other out in the xor: the sum and the number show them.
  assert.deepEqual(after.map(({ Xor }) => Xor).slice(0, 1), [first?.Xor]);
  assert.deepEqual(
    after.map(({ Rows }, index) => Number(Rows) - Number([first, second, third][index]?.Rows)),
    [2, 1, -1],
  );
  assert.deepEqual(after, await recount());
});

it('hash parts of a table are whole and disjoint, also where the hash is negative', async () => {
  const count = async (where: string): Promise<number> =>
    Number((await emulator.query(`AppTraces | where ${where} | count`))[0]?.Count);
  assert.ok((await count('hash_xxhash64(_ItemId) < 0')) > 9000);
  const all = await count('true');
  for (const parts of [2, 7, 1024]) {
    const found = await emulator.query(
      `AppTraces | summarize n = count() by part = hash_xxhash64(_ItemId, ${parts})
        | summarize sum(n), min(part), max(part)`,
    );
    assert.deepEqual(Object.values(found[0] ?? {}), [all, 0, parts - 1]);
  }
});

it('text is hashed as UTF-8', async () => {
  const [row] = await emulator.query('print hash_sha256("é😀"), hash_md5("é😀"), hash_sha1("é😀")');
  const expected = ['sha256', 'md5', 'sha1'].map((name) => createHash(name).update('é😀').digest('hex'));
  assert.deepEqual(Object.values(row ?? {}), expected);
});

it('a sum that overflows 64 bits fails', async () => {
  const query = 'datatable(n:long)[9223372036854775807, 1] | summarize sum(n)';
  await assert.rejects(emulator.query(query), /Conversion Error.*out of range/);
});
