import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLake } from '../src/core/lake/lake.ts';
import type { Store } from '../src/core/lake/store.ts';
import type { Sink } from '../src/core/sink.ts';
import { type Expected, readStatus, toRecord } from '../src/core/status.ts';
import { DAY_MS, formatIso, HOUR_MS, MINUTE_MS } from '../src/core/window.ts';
import { createStore, NOW_MS, putWatermark } from './support/exporter-scene.ts';
import { claimOf, verdictOf } from './support/page-statuses.ts';
import { plainLines } from './support/plain-lines.ts';

const EXPECTED: Expected = {
  name: 'requests',
  source: 'workspace',
  intervalMs: 5 * MINUTE_MS,
  lagMs: 5 * MINUTE_MS,
  auditMs: 6 * HOUR_MS,
};
const log = { debug() {}, info() {}, warn() {}, error() {} };
const HOLDER = { runId: 'status', log };
const DAY = Math.floor(NOW_MS / DAY_MS) * DAY_MS;

/** A lake that notes what is read. */
function open() {
  const store = createStore();
  const read: string[] = [];
  const noting: Store = {
    ...store,
    read(path) {
      read.push(path);
      return store.read(path);
    },
  };
  const sink: Sink = createLake({ store: noting, format: plainLines, now: () => NOW_MS });
  const see = (days?: number, expected: Partial<Expected> = {}) =>
    readStatus(sink, { ...EXPECTED, ...expected }, HOLDER, NOW_MS, days);
  return { store, sink, read, see };
}

function put(store: Store, path: string, text: string) {
  return store.replace(path, text, undefined, `${path}.put`);
}

const claim = (fromMs: number) => ({
  from: formatIso(fromMs),
  until: formatIso(fromMs + HOUR_MS),
  ...{ rows: 5, bytes: 50, late: 0, xor: '0123456789abcdef', sum: '1' },
});

test('everything is complete until the oldest hour that waits for its recount', async () => {
  const { store, see } = open();
  const exportedUntil = formatIso(NOW_MS - 6 * MINUTE_MS);
  await putWatermark(store, { exportedUntil, claims: [claim(NOW_MS - 3 * HOUR_MS), claim(NOW_MS - 5 * HOUR_MS)] });
  assert.equal((await see()).completeUntilMs, NOW_MS - 5 * HOUR_MS);
  assert.equal((await see(0, { auditMs: 0 })).completeUntilMs, undefined);
  const idle = open();
  await putWatermark(idle.store, { exportedUntil });
  assert.equal((await idle.see()).completeUntilMs, NOW_MS - 6 * MINUTE_MS);
  assert.deepEqual((await idle.see()).problems, []);
});

test('verdicts are read only when asked for, a day at a time, from where the export began', async () => {
  const { store, sink, read, see } = open();
  await putWatermark(store, { exportedFrom: formatIso(DAY - 3 * DAY_MS + HOUR_MS) });
  const session = await sink.open('requests', HOLDER);
  const verdicts = [verdictOf(DAY - 3 * DAY_MS + 2 * HOUR_MS), verdictOf(DAY + HOUR_MS)];
  await session?.record(verdicts);
  await session?.close();
  read.length = 0;
  assert.deepEqual((await see()).verdicts, []);
  assert.deepEqual(read, ['requests/_watermark.json']);
  read.length = 0;
  assert.deepEqual((await see(86)).verdicts, verdicts);
  assert.equal(read.filter((path) => path.includes('/_audit/')).length, 4);
  read.length = 0;
  assert.deepEqual((await see(1)).verdicts, verdicts.slice(1));
  assert.equal(read.filter((path) => path.includes('/_audit/')).length, 1);
});

test('a day that cannot be read is a problem, and hides no other', async () => {
  const { store, see } = open();
  await putWatermark(store, { exportedFrom: formatIso(DAY - 2 * DAY_MS) });
  await put(store, `requests/_audit/${formatIso(DAY).slice(0, 10)}.json`, '{"version":7}');
  const { problems, exportedUntilMs } = await see(3);
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? '', /_audit\/2026-11-22\.json: found .*7.*, expected 1/);
  assert.notEqual(exportedUntilMs, undefined);
});

test('a backfill is as far as its own home is, or has not begun', async () => {
  const { store, see } = open();
  const [fromMs, untilMs] = [DAY - 9 * DAY_MS, DAY - 5 * DAY_MS];
  const backfills = ['a', 'b'].map((id) => ({ id, from: formatIso(fromMs), until: formatIso(untilMs) }));
  const exportedUntil = formatIso(NOW_MS - 6 * MINUTE_MS);
  await putWatermark(store, { exportedUntil, exportedFrom: formatIso(fromMs), backfills });
  const live = JSON.parse((await store.read('requests/_watermark.json'))?.text ?? '');
  const home = { ...live, backfills: [], exportedUntil: formatIso(fromMs + DAY_MS), claims: [claim(fromMs + HOUR_MS)] };
  await put(store, 'requests/_backfill/a/_watermark.json', JSON.stringify(home));
  const status = await see();
  assert.deepEqual(
    status.backfills.map(({ id, exportedUntilMs }) => [id, exportedUntilMs]),
    [
      ['a', fromMs + DAY_MS],
      ['b', fromMs],
    ],
  );
  assert.deepEqual(status.claims, [claimOf(fromMs + HOUR_MS, { rows: 5, bytes: 50 })]);
  // What a backfill has not had recounted says nothing of the live export.
  assert.equal(status.completeUntilMs, NOW_MS - 6 * MINUTE_MS);
  assert.deepEqual(toRecord(status), {
    export: 'requests',
    watermark: exportedUntil,
    lagMs: 6 * MINUTE_MS,
    lastPart: undefined,
    problems: [],
    completeUntil: exportedUntil,
    backfills: [
      { ...backfills[0], exportedUntil: formatIso(fromMs + DAY_MS) },
      { ...backfills[1], exportedUntil: formatIso(fromMs) },
    ],
  });
});
