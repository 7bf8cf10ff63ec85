import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimLate, claimWindow } from '../src/core/claims.ts';
import { createExported, windowsOf } from '../src/core/late.ts';
import type { Query } from '../src/core/logs.ts';
import type { Rows } from '../src/core/rows.ts';
import type { Claim, Part } from '../src/core/sink.ts';
import { openTable } from '../src/core/table.ts';
import { createCounter, isSameTally, NO_ROWS, openKeys } from '../src/core/tally.ts';
import { HOUR_MS, MINUTE_MS } from '../src/core/window.ts';

const keys = await openKeys();

async function* each(...items: (string | undefined)[]) {
  yield* items;
}

async function exportedOf(...items: (string | undefined)[]) {
  const exported = createExported(keys);
  await exported.add(each(...items));
  return exported.finish();
}

function tallyOf(...items: string[]) {
  const counter = createCounter();
  for (const item of items) counter.add(keys.ofText(item));
  return counter.tally;
}

const part = (startMs: number, endMs: number, isLate = false): Part => ({
  startMs,
  endMs,
  isLate,
  rows: 1,
  bytes: 1,
  path: 'x',
});

test('a key is that of the text, however its cell is written', () => {
  for (const text of ['', 'a', '7e1f', 'a"b', 'back\\slash', 'Ä€😀', '\u0000\n']) {
    const bytes = new TextEncoder().encode(`[${JSON.stringify(text)}]`);
    assert.equal(keys.ofCell(bytes, 1, bytes.length - 1), keys.ofText(text), text);
  }
  const escaped = new TextEncoder().encode('"\\u0061"');
  assert.equal(keys.ofCell(escaped, 0, escaped.length), keys.ofText('a'));
  assert.equal(keys.ofCell(new TextEncoder().encode('null'), 0, 4), keys.ofText(undefined));
});

test('rows that share their ItemId are found as often as they were exported', async () => {
  const match = (await exportedOf('a', 'b', 'a', undefined)).match();
  const isNew = (item: string | undefined) => match.isNew(keys.ofText(item));
  assert.deepEqual([isNew('a'), isNew('a'), isNew('a')], [false, false, true]);
  assert.deepEqual([isNew('b'), isNew('b')], [false, true]);
  assert.deepEqual([isNew(undefined), isNew(''), isNew('c')], [false, true, true]);
});

test('what one answer has had, the next one of the halved window has not', async () => {
  const first = (await exportedOf('a', 'a', 'b')).match();
  assert.equal(first.isNew(keys.ofText('a')), false);
  const second = first.left().match();
  assert.equal(second.isNew(keys.ofText('a')), false);
  assert.equal(second.isNew(keys.ofText('a')), true);
  assert.equal(second.isNew(keys.ofText('b')), false);
});

test('an answer that is thrown away leaves no trace in the multiset', async () => {
  const exported = await exportedOf('a');
  assert.equal(exported.match().isNew(keys.ofText('a')), false);
  assert.equal(exported.match().isNew(keys.ofText('a')), false, 'the second attempt begins anew');
});

test('many keys of several parts are kept', async () => {
  const exported = createExported(keys);
  const items = Array.from({ length: 5000 }, (_, index) => `item ${index}`);
  await exported.add(each(...items.slice(0, 2000)));
  await exported.add(each(...items.slice(2000)));
  const match = exported.finish().match();
  assert.ok(items.every((item) => !match.isNew(keys.ofText(item))));
  assert.ok(items.every((item) => match.isNew(keys.ofText(item))));
});

test('the windows of a range are those of its parts and what lies between them', () => {
  const parts = [part(30, 40), part(10, 20), part(10, 20), part(10, 20, true), part(50, 60, true)];
  assert.deepEqual(windowsOf({ startMs: 0, endMs: 100 }, parts), [
    { startMs: 0, endMs: 10 },
    { startMs: 10, endMs: 20 },
    { startMs: 20, endMs: 30 },
    { startMs: 30, endMs: 40 },
    { startMs: 40, endMs: 100 },
  ]);
  assert.deepEqual(windowsOf({ startMs: 0, endMs: 100 }, []), [{ startMs: 0, endMs: 100 }]);
});

test('what lies between parts is cut every five minutes, but not where a late part lies', () => {
  const at = (minute: number) => 10 * HOUR_MS + minute * MINUTE_MS;
  const parts = [part(at(12), at(17)), part(at(31), at(42), true), part(at(33), at(36), true)];
  const windows = windowsOf({ startMs: at(2), endMs: at(60) }, parts);
  const ends = [2, 5, 10, 12, 17, 20, 25, 30, 42, 45, 50, 55, 60];
  assert.deepEqual(
    windows,
    ends.slice(1).map((end, index) => ({ startMs: at(ends[index] ?? 0), endMs: at(end) })),
  );
});

test('the claim of an hour grows window by window, and with late rows', () => {
  const at = (minute: number) => 10 * HOUR_MS + minute * MINUTE_MS;
  const window = (from: number, to: number) => ({ startMs: at(from), endMs: at(to) });
  let claims: readonly Claim[] = claimWindow([], window(20, 30), tallyOf('a', 'b'), 10);
  claims = claimWindow(claims, window(30, 60), tallyOf('a'), 5);
  claims = claimWindow(claims, window(60, 70), tallyOf('c'), 1);
  assert.deepEqual(
    claims.map(({ fromMs, untilMs, rows, bytes }) => [fromMs, untilMs, rows, bytes]),
    [
      [at(20), at(60), 3, 15],
      [at(60), at(70), 1, 1],
    ],
  );
  const [first] = claims;
  assert.ok(first !== undefined && isSameTally(first, tallyOf('b', 'a', 'a')));
  const [grown] = claimLate(claims, first, tallyOf('d'), 7);
  assert.deepEqual([grown?.rows, grown?.bytes, grown?.late], [4, 22, 1]);
  assert.ok(grown !== undefined && isSameTally(grown, tallyOf('a', 'a', 'b', 'd')));
});

test('a window behind a gap begins a claim of its own', () => {
  const claims = claimWindow([], { startMs: 0, endMs: 10 }, NO_ROWS, 0);
  assert.equal(claimWindow(claims, { startMs: 20, endMs: 30 }, NO_ROWS, 0).length, 2);
});

test('two equal keys cancel each other out in the xor: sum and number tell', () => {
  const [none, two] = [NO_ROWS, tallyOf('a', 'a')];
  assert.equal(two.xor, none.xor);
  assert.equal(isSameTally(two, none), false);
  assert.equal(isSameTally(tallyOf('a', 'a', 'b'), tallyOf('b', 'c', 'c')), false);
});

test('an answer that counts nothing is no recount of nothing', async () => {
  const logs = {
    async query<T>(_: Query, receive: (rows: Rows) => Promise<T>) {
      async function* none(): AsyncGenerator<never> {}
      const value = await receive({ columns: [], batches: none() });
      return { value, columns: [], rows: 0, bytes: 0, asOfMs: undefined };
    },
  };
  const table = openTable(logs, 'workspace', { table: 'AppRequests', rest: '' }, () => 0);
  const look = { itemId: 'ItemId', ingestionTime: 'IngestionTime', proven: true };
  const asking = { signal: new AbortController().signal, timeoutMs: 1_000 };
  await assert.rejects(table.recount([{ startMs: 0, endMs: 1 }], look, 'ItemId', asking), /no count of window 1 of 1/);
});
