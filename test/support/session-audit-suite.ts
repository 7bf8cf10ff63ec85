import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Backfill,
  type Position,
  type Session,
  type Sink,
  type Staged,
  SupersededError,
  type Verdict,
} from '../../src/core/sink.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/window.ts';
import { firstPosition } from './first-position.ts';
import { rowsOf } from './rows.ts';

const START_MS = Date.UTC(2026, 10, 22, 14);
const NAME = 'requests';
const HOUR = { startMs: START_MS, endMs: START_MS + HOUR_MS };
const CLAIM = {
  fromMs: START_MS,
  untilMs: START_MS + HOUR_MS,
  rows: 3,
  xor: '00000000000000ff',
  sum: 9_007_199_254_740_993n,
  bytes: 10,
  late: 0,
};
const POSITION = firstPosition(START_MS);
const COMMITTED: Position = { ...POSITION, exportedUntilMs: HOUR.endMs, claims: [CLAIM] };
const verdictAt = (hour: number, verdict: Verdict['verdict'] = 'complete'): Verdict => ({
  ...CLAIM,
  fromMs: START_MS + hour * HOUR_MS,
  untilMs: START_MS + (hour + 1) * HOUR_MS,
  verdict,
  counted: 3,
  atMs: START_MS + 9 * HOUR_MS,
});

let runs = 0;
const holder = () => ({ runId: `audit${++runs}`, log: { debug() {}, info() {}, warn() {}, error() {} } });
const rows = (...ids: readonly string[]) =>
  rowsOf(
    ['ItemId'],
    ids.map((ItemId) => ({ ItemId })),
  );
const listOf = (staged: Staged | undefined) => (staged === undefined ? [] : [staged]);

/** What every sink must do for the audit: give back what a part holds, tell late parts, and keep verdicts. */
export function testAudit(name: string, makeSink: () => Promise<{ sink: Sink }>): void {
  async function committed() {
    const { sink } = await makeSink();
    await sink.begin(NAME, POSITION, holder());
    const open = async () => {
      const session = await sink.open(NAME, holder());
      assert.ok(session, 'the home has begun');
      await session.publish();
      return session;
    };
    const session = await open();
    await commit(session, COMMITTED, listOf(await session.stage({ window: HOUR }, rows('a', 'b', 'b'))));
    return { sink, open, session };
  }

  async function commit(session: Session, position: Position, staged: readonly Staged[]) {
    await session.commit(position, staged);
    await session.publish();
  }

  async function itemsIn(sink: Sink) {
    const parts = await Array.fromAsync(sink.parts(NAME, HOUR));
    const found = parts.map(async (part) => {
      const items = await sink.read(part, 'ItemId');
      assert.ok(items, 'the part is there');
      return { isLate: part.isLate, rows: part.rows, items: (await Array.fromAsync(items)).sort() };
    });
    return (await Promise.all(found)).sort((a, b) => Number(a.isLate) - Number(b.isLate));
  }

  describe(`the audit in ${name}`, () => {
    test('claims and backfills are kept as they are', async () => {
      const { open, session } = await committed();
      const range = { fromMs: START_MS - DAY_MS, untilMs: START_MS };
      const backfills: Backfill[] = [
        { id: 'one', ...range },
        { id: 'two', ...range, again: true },
      ];
      await session.close({ ...COMMITTED, backfills });
      assert.deepEqual((await open()).position, { ...COMMITTED, backfills });
    });

    test('a part gives back its own rows, each as often as it is there', async () => {
      const { sink, session } = await committed();
      await session.close();
      assert.deepEqual(await itemsIn(sink), [{ isLate: false, rows: 3, items: ['a', 'b', 'b'] }]);
    });

    test('late rows of a window are a part beside it', async () => {
      const { sink, session } = await committed();
      const late = await session.stage({ window: HOUR, isLate: true }, rows('c'));
      await commit(session, { ...COMMITTED, claims: [{ ...CLAIM, rows: 4, late: 1 }] }, listOf(late));
      await session.close();
      assert.deepEqual(await itemsIn(sink), [
        { isLate: false, rows: 3, items: ['a', 'b', 'b'] },
        { isLate: true, rows: 1, items: ['c'] },
      ]);
    });

    test('verdicts are kept by their day, and one that is there stays', async () => {
      const { sink, session } = await committed();
      assert.deepEqual(await sink.verdicts(NAME, START_MS), []);
      await session.record([verdictAt(1), verdictAt(0)]);
      await session.record([verdictAt(1, 'fewer'), verdictAt(2, 'taken')]);
      await session.close();
      const found = [...(await sink.verdicts(NAME, START_MS - 13 * HOUR_MS))].sort((a, b) => a.fromMs - b.fromMs);
      assert.deepEqual(found, [verdictAt(0), verdictAt(1), verdictAt(2, 'taken')]);
      assert.deepEqual(await sink.verdicts(NAME, START_MS + DAY_MS), []);
      assert.deepEqual(await sink.verdicts('traces', START_MS), []);
    });

    test('of two verdicts of the same second that of what was exported again counts, once', async () => {
      const { sink, session } = await committed();
      const half = { ...verdictAt(1, 'taken'), untilMs: verdictAt(1).fromMs + HOUR_MS / 2 };
      await session.record([half]);
      for (let time = 0; time < 2; time++) await session.record([{ ...verdictAt(1), atMs: half.atMs }], true);
      await session.close();
      assert.deepEqual(await sink.verdicts(NAME, START_MS), [{ ...verdictAt(1), atMs: half.atMs }]);
    });

    test('a later verdict takes the place of those that it overlaps, if its range was exported again', async () => {
      const { sink, session } = await committed();
      const half = { ...verdictAt(1, 'taken'), untilMs: verdictAt(1).fromMs + HOUR_MS / 2 };
      await session.record([verdictAt(0), half, verdictAt(2)]);
      const later = { ...verdictAt(1), atMs: half.atMs + 1 };
      await session.record([later]);
      assert.equal((await sink.verdicts(NAME, START_MS)).length, 3);
      await session.record([later], true);
      await session.record([half], true);
      await session.close();
      const found = [...(await sink.verdicts(NAME, START_MS))].sort((a, b) => a.fromMs - b.fromMs);
      assert.deepEqual(found, [verdictAt(0), later, verdictAt(2)]);
    });

    test('whoever has been superseded records nothing', async () => {
      const { sink, open, session } = await committed();
      const other = await open();
      await commit(session, { ...COMMITTED, windowMs: 7 }, []);
      await assert.rejects(other.record([verdictAt(0)]), SupersededError);
      await other.close();
      await session.close();
      assert.deepEqual(await sink.verdicts(NAME, START_MS), []);
    });
  });
}
