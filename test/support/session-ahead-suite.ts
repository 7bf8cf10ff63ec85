import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Position, type Session, type Sink, type Staged, SupersededError } from '../../src/core/sink.ts';
import { firstPosition } from './first-position.ts';
import { rowsOf } from './rows.ts';

const START_MS = Date.UTC(2026, 10, 22, 14);
const MINUTE_MS = 60_000;
const NAME = 'requests';
const AHEAD = 5;

const POSITION = firstPosition(START_MS);

let runs = 0;
const holder = () => ({ runId: `ahead${++runs}`, log: { debug() {}, info() {}, warn() {}, error() {} } });
const windowAt = (minute: number) => ({
  startMs: START_MS + minute * MINUTE_MS,
  endMs: START_MS + (minute + 1) * MINUTE_MS,
});
const until = (minute: number): Position => ({ ...POSITION, exportedUntilMs: START_MS + minute * MINUTE_MS });
const rows = (id: number) => rowsOf(['ItemId'], [{ ItemId: `item-${id}` }]);
const minutes = Array.from({ length: AHEAD }, (_, minute) => minute);

/**
 * What every sink must do for a run that stages several windows before it commits the first of them.
 * @param makeSink an empty sink.
 * @param visible the ids of all rows that readers can see, in order.
 */
export function testSessionsAhead(
  name: string,
  makeSink: () => Promise<{ sink: Sink; visible: () => Promise<number[]> }>,
): void {
  async function begun() {
    const { sink, visible } = await makeSink();
    await sink.begin(NAME, POSITION, holder());
    const open = async () => {
      const session = await sink.open(NAME, holder());
      assert.ok(session, 'the home has begun');
      return session;
    };
    return { sink, visible, open };
  }

  const stageAll = (session: Session) =>
    Promise.all(minutes.map((minute) => stage(session, { window: windowAt(minute) }, minute)));

  describe(`windows ahead in ${name}`, () => {
    test('windows that are staged at once are committed one after the other', async () => {
      const { visible, open } = await begun();
      const session = await open();
      await session.publish();
      for (const [minute, staged] of (await stageAll(session)).entries()) {
        assert.deepEqual(await visible(), minutes.slice(0, minute));
        await session.commit(until(minute + 1), staged);
        await session.publish();
      }
      await session.close();
      assert.deepEqual(await visible(), minutes);
      assert.deepEqual((await open()).position, until(AHEAD));
    });

    test('a window that is thrown away leaves the others as they are', async () => {
      const { visible, open } = await begun();
      const session = await open();
      await session.publish();
      const [first = [], second = [], ...later] = await stageAll(session);
      await session.discard(second);
      await session.commit(until(1), first);
      await session.publish();
      const again = await stage(session, { window: windowAt(1) }, 11);
      await session.commit(until(2), again);
      await session.publish();
      for (const staged of later) await session.discard(staged);
      await session.close();
      assert.deepEqual(await visible(), [0, 11]);
    });

    test('buckets of one window are staged at once, and any of them can be thrown away', async () => {
      const { visible, open } = await begun();
      const session = await open();
      await session.publish();
      const bucketOf = (index: number) => ({ window: windowAt(0), bucket: { index, of: AHEAD } });
      const buckets = await Promise.all(minutes.map((index) => stage(session, bucketOf(index), index)));
      await session.discard(buckets[1] ?? []);
      await session.discard(buckets[AHEAD - 1] ?? []);
      const again = await stage(session, bucketOf(1), 11);
      await session.discard(buckets[2] ?? []);
      await session.commit(until(1), [...(buckets[0] ?? []), ...(buckets[3] ?? []), ...again]);
      await session.publish();
      await session.close();
      assert.deepEqual(await visible(), [0, 3, 11]);
    });

    test('a bucket that is neither committed nor thrown away is never seen', async () => {
      const { visible, open } = await begun();
      const session = await open();
      await session.publish();
      const bucketOf = (index: number) => ({ window: windowAt(0), bucket: { index, of: 2 } });
      const first = await stage(session, bucketOf(0), 0);
      await stage(session, bucketOf(1), 1);
      await session.commit(until(1), first);
      await session.publish();
      await session.close();
      assert.deepEqual(await visible(), [0]);
    });

    test('rows that break take nothing from the other windows and buckets', async () => {
      const { visible, open } = await begun();
      const session = await open();
      await session.publish();
      const [first = [], second = []] = await stageAll(session);
      const broken = new Error('the answer was cut');
      async function* breaking() {
        yield* rows(99).batches;
        throw broken;
      }
      const cut = { columns: rows(99).columns, batches: breaking() };
      await assert.rejects(session.stage({ window: windowAt(1), bucket: { index: 1, of: 2 } }, cut), broken);
      await session.commit(until(1), first);
      await session.publish();
      await session.commit(until(2), second);
      await session.publish();
      await session.close();
      assert.deepEqual(await visible(), [0, 1]);
    });

    test('whoever is superseded has staged all of it for nothing', async () => {
      const { visible, open } = await begun();
      const [loser, winner] = [await open(), await open()];
      const [first = [], second = []] = await stageAll(loser);
      const [other = []] = await stageAll(winner);
      await winner.publish();
      await winner.commit(until(1), other);
      await winner.publish();
      await assert.rejects(loser.commit(until(1), first), SupersededError);
      await assert.rejects(loser.commit(until(2), second));
      await loser.close();
      await winner.close();
      assert.deepEqual(await visible(), [0]);
      assert.deepEqual((await open()).position, until(1));
    });
  });
}

async function stage(session: Session, key: Parameters<Session['stage']>[0], id: number): Promise<readonly Staged[]> {
  const staged = await session.stage(key, rows(id));
  assert.equal(staged?.rows, 1);
  return staged === undefined ? [] : [staged];
}
