import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import { type LogsEmulator, startLogsEmulator } from '../src/local/logs/emulator.ts';
import { DEFAULT_LIMITS } from '../src/local/logs/gate.ts';
import { answer, post } from './support/logs-client.ts';

const ROWS = 30_000;
const START = Date.parse('2026-11-22T00:00:00Z');
const NO_CACHE = { 'Cache-Control': 'no-cache' };

let nowMs = START + 3_600_000;
let emulator: LogsEmulator;

before(async () => {
  emulator = await startLogsEmulator({ now: () => nowMs });
  await emulator.generate('AppRequests', ROWS, { seed: 1, fromMs: START, toMs: START + 3_600_000 });
});

afterEach(() => Object.assign(emulator.limits, DEFAULT_LIMITS));
after(() => emulator.close());

it('an answer of more rows than the limit is cut with a partial error', async () => {
  emulator.limits.rows = 10;
  const cut = await answer(emulator, 'AppRequests | take 11');
  assert.equal(cut.tables[0]?.rows.length, 10);
  assert.equal(cut.error?.code, 'PartialError');
  assert.equal(cut.error?.details[0]?.innererror.code, '-2133196797');
  const whole = await answer(emulator, 'AppRequests | take 10');
  assert.equal(whole.tables[0]?.rows.length, 10);
  assert.equal(whole.error, undefined);
});

it('an answer of more bytes than the limit is cut with a partial error', async () => {
  emulator.limits.bytes = 100;
  const cut = await answer(emulator, 'AppRequests | project Id = strcat(tostring(ItemCount), "2345678") | take 20');
  assert.equal(JSON.stringify(cut.tables[0]?.rows[0]), '["12345678"]');
  assert.equal(cut.tables[0]?.rows.length, 8);
  assert.match(JSON.stringify(cut.error), /E_QUERY_RESULT_SET_TOO_LARGE/);
});

it('a whole table arrives row by row, each once', async () => {
  const { tables } = await answer(emulator, 'AppRequests | project _ItemId, Url, Properties');
  assert.equal(new Set(tables[0]?.rows.map(([id]) => id)).size, ROWS);
});

it('a query that comes while enough of them run waits its turn', async () => {
  emulator.limits.queries = 1;
  const held = await post(emulator, { query: 'AppRequests' }, NO_CACHE);
  emulator.limits.queueMs = 0;
  const refused = await post(emulator, { query: 'print 1' }, NO_CACHE);
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get('retry-after'), '1');
  emulator.limits.queueMs = DEFAULT_LIMITS.queueMs;
  const waiting = post(emulator, { query: 'print 2' }, NO_CACHE);
  // Sent later and answered at once: the query before it has arrived by then.
  assert.equal((await post(emulator, { query: 'nonsense' })).status, 400);
  await held.body?.cancel();
  assert.equal((await waiting).status, 200);
});

it('a client that goes away frees its place', async () => {
  emulator.limits.queries = 1;
  for (let index = 0; index < 3; index++) {
    const held = await post(emulator, { query: 'AppRequests' }, NO_CACHE);
    assert.equal(held.status, 200);
    await held.body?.cancel();
  }
});

it('too many requests get 429 with Retry-After', async () => {
  emulator.limits.requests = 0;
  const { throttled } = emulator.counters;
  const refused = await post(emulator, { query: 'print 1' });
  assert.equal(refused.status, 429);
  assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  assert.equal(emulator.counters.throttled, throttled + 1);
});

it('a query that takes too long gets 504, and its place is free again', async () => {
  Object.assign(emulator.limits, { queries: 1, queryMs: 0 });
  const query = 'AppRequests | summarize dcount(Url) by OperationId | count';
  assert.equal((await post(emulator, { query }, NO_CACHE)).status, 504);
  emulator.limits.queryMs = DEFAULT_LIMITS.queryMs;
  assert.equal((await post(emulator, { query }, { ...NO_CACHE, Prefer: 'wait=0' })).status, 504);
  assert.equal((await post(emulator, { query }, NO_CACHE)).status, 200);
});

it('an answer is repeated for two minutes unless the request says no-cache', async () => {
  const count = async (headers = {}): Promise<unknown> => {
    const response = await post(emulator, { query: 'AppEvents | count' }, headers);
    return ((await response.json()) as { tables: { rows: unknown[][] }[] }).tables[0]?.rows[0]?.[0];
  };
  assert.equal(await count(), 0);
  await emulator.ingest('AppEvents', [{ Name: 'x' }]);
  assert.equal(await count(), 0);
  assert.equal(await count(NO_CACHE), 1);
  await emulator.ingest('AppEvents', [{ Name: 'y' }]);
  assert.equal(await count(), 1);
  nowMs += 120_000;
  assert.equal(await count(), 2);
});

it('closing ends queries that run or wait', async () => {
  const other = await startLogsEmulator({ limits: { queries: 1 } });
  await other.generate('AppRequests', ROWS, { seed: 1, fromMs: START, toMs: START + 1 });
  const held = await post(other, { query: 'AppRequests' });
  const waiting = assert.rejects(post(other, { query: 'AppRequests | count' }));
  await other.close();
  await waiting;
  await assert.rejects(held.text());
});
