import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Part, type Position, type Sink, SupersededError } from '../../src/core/sink.ts';
import { HOUR_MS } from '../../src/core/window.ts';
import { firstPosition } from './first-position.ts';
import { rowsOf } from './rows.ts';

const START_MS = Date.UTC(2026, 10, 22, 14);
const MINUTE_MS = 60_000;
const NAME = 'requests';
const log = { debug() {}, info() {}, warn() {}, error() {} };

const POSITION = firstPosition(START_MS);

let runs = 0;
const holder = () => ({ runId: `run${++runs}`, log });
const windowAt = (minute: number) => ({
  startMs: START_MS + minute * MINUTE_MS,
  endMs: START_MS + (minute + 1) * MINUTE_MS,
});
const until = (minute: number, position = POSITION): Position => ({
  ...position,
  exportedUntilMs: START_MS + minute * MINUTE_MS,
});
const rows = (...ids: readonly number[]) => {
  const items = ids.map((id) => ({
    ItemId: `item-${id}`,
    IngestionTime: '2026-11-22T14:00:30.1234567Z',
    Name: `row ${id}`,
  }));
  return rowsOf(['ItemId', 'IngestionTime', 'Name'], items);
};

/**
 * What every sink must do, whatever it is made of.
 * @param makeSink an empty sink.
 * @param visible the ids of all rows that readers can see, as they see them.
 */
export function testSessions(
  name: string,
  makeSink: () => Promise<{ sink: Sink; visible: () => Promise<number[]> }>,
): void {
  async function begun() {
    const { sink, visible } = await makeSink();
    await sink.begin(NAME, POSITION, holder());
    return { sink, visible, open: () => opened(sink) };
  }

  describe(`sessions of ${name}`, () => {
    test('nothing has begun before it was begun, and then once', async () => {
      const { sink } = await makeSink();
      assert.equal(await sink.open(NAME, holder()), undefined);
      await sink.begin(NAME, POSITION, holder());
      await sink.begin(NAME, until(7), holder());
      assert.deepEqual((await opened(sink)).position, POSITION);
      assert.equal(await sink.newest(NAME), undefined);
    });

    test('rows are visible after they were staged, committed and published, and the position moves', async () => {
      const { sink, visible, open } = await begun();
      const session = await open();
      const staged = await session.stage({ window: windowAt(0) }, rows(1, 2, 3));
      assert.equal(staged?.rows, 3);
      assert.deepEqual(await visible(), []);
      await session.commit(until(1), staged ? [staged] : []);
      await session.publish();
      assert.deepEqual(session.position, until(1));
      assert.equal(session.unpublished.parts, 0);
      await session.close();
      assert.deepEqual(await visible(), [1, 2, 3]);
      assert.deepEqual((await open()).position, until(1));
      const parts = await partsOf(sink);
      assert.deepEqual(
        parts.reduce((sum, part) => sum + part.rows, 0),
        3,
      );
      assert.equal((await sink.newest(NAME))?.rows, 3);
    });

    test('no rows make no part, and the position moves all the same', async () => {
      const { sink, open } = await begun();
      const session = await open();
      assert.equal(await session.stage({ window: windowAt(0) }, rows()), undefined);
      await session.commit(until(1), []);
      await session.publish();
      await session.close();
      assert.deepEqual((await open()).position, until(1));
      assert.deepEqual(await partsOf(sink), []);
    });

    test('what is discarded, or staged and not committed, is never seen', async () => {
      const { visible, open } = await begun();
      const session = await open();
      const first = await session.stage({ window: windowAt(0) }, rows(1));
      await session.discard(first ? [first] : []);
      await session.stage({ window: windowAt(0) }, rows(2));
      await session.publish();
      await session.close();
      const next = await open();
      await next.publish();
      await next.close();
      assert.deepEqual(await visible(), []);
    });

    test('rows that break leave nothing behind, and their error comes out as it is', async () => {
      const { visible, open } = await begun();
      const session = await open();
      const broken = new Error('the answer was cut');
      async function* breaking() {
        yield* (await Array.fromAsync(rows(1, 2).batches)).slice(0, 1);
        throw broken;
      }
      const { columns } = rows();
      await assert.rejects(session.stage({ window: windowAt(0) }, { columns, batches: breaking() }), broken);
      const staged = await session.stage({ window: windowAt(0) }, rows(3));
      await session.commit(until(1), staged ? [staged] : []);
      await session.publish();
      await session.close();
      assert.deepEqual(await visible(), [3]);
    });

    test('of two runs one wins; the other is superseded, and its rows are never seen', async () => {
      const { visible, open } = await begun();
      const [first, second] = [await open(), await open()];
      const [one, two] = [
        await first.stage({ window: windowAt(0) }, rows(1)),
        await second.stage({ window: windowAt(0) }, rows(2)),
      ];
      await first.publish();
      await second.publish();
      await first.commit(until(1), one ? [one] : []);
      await assert.rejects(second.commit(until(1), two ? [two] : []), SupersededError);
      await second.close();
      await first.publish();
      await first.close();
      assert.deepEqual(await visible(), [1]);
      assert.deepEqual((await open()).position, until(1));
    });

    test('commits of a hold follow each other until another run comes between them', async () => {
      const { visible, open } = await begun();
      const session = await open();
      const commit = async (minute: number) => {
        const staged = await session.stage({ window: windowAt(minute) }, rows(minute));
        await session.commit(until(minute + 1), staged ? [staged] : []);
        await session.publish();
      };
      for (const minute of [0, 1, 2]) await commit(minute);
      const other = await open();
      await other.publish();
      await other.commit(until(4), []);
      await other.publish();
      await assert.rejects(commit(3), SupersededError);
      await session.close({ ...POSITION, windowMs: 7 });
      await other.close();
      assert.deepEqual(await visible(), [0, 1, 2]);
      assert.deepEqual((await open()).position, until(4));
    });

    test('buckets of a window are committed together', async () => {
      const { visible, open } = await begun();
      const session = await open();
      const [window] = [windowAt(0)];
      const staged = [];
      for (const index of [0, 1]) staged.push(await session.stage({ window, bucket: { index, of: 2 } }, rows(index)));
      await session.commit(
        until(1),
        staged.filter((part) => part !== undefined),
      );
      await session.publish();
      await session.close();
      assert.deepEqual(await visible(), [0, 1]);
    });

    test('what a crash left committed is seen after the next publish, once', async () => {
      const { visible, open } = await begun();
      const crashed = await open();
      await crashed.publish();
      const staged = await crashed.stage({ window: windowAt(0) }, rows(1));
      await crashed.commit(until(1), staged ? [staged] : []);
      for (let run = 0; run < 2; run++) {
        const next = await open();
        await next.publish();
        await next.close();
        assert.deepEqual(await visible(), [1]);
        assert.deepEqual(next.position, until(1));
      }
    });

    test('the end of a hold keeps a position that has changed, unless another run was first', async () => {
      const { open } = await begun();
      const [first, second] = [await open(), await open()];
      await first.publish();
      await first.close({ ...POSITION, windowMs: 7 });
      assert.equal((await open()).position.windowMs, 7);
      await second.publish();
      await second.close({ ...POSITION, windowMs: 9 });
      assert.equal((await open()).position.windowMs, 7);
    });

    test('a sweep takes nothing from a run that may still commit', async () => {
      const { visible, open } = await begun();
      const live = await open();
      const staged = await live.stage({ window: windowAt(0) }, rows(1));
      const other = await open();
      await other.publish();
      await other.close();
      await other.sweep(new AbortController().signal);
      await live.publish();
      await live.commit(until(1), staged ? [staged] : []);
      await live.publish();
      await live.close();
      assert.deepEqual(await visible(), [1]);
    });

    test('homes of one export have positions of their own, and parts in common', async () => {
      const { sink, visible, open } = await begun();
      const home = `${NAME}/_backfill/one`;
      const earlier = { ...POSITION, exportedUntilMs: START_MS - HOUR_MS, exportedFromMs: START_MS - HOUR_MS };
      await sink.begin(home, earlier, holder());
      const backfill = await sink.open(home, holder());
      assert.ok(backfill);
      await backfill.publish();
      const window = { startMs: START_MS - HOUR_MS, endMs: START_MS };
      const staged = await backfill.stage({ window }, rows(1));
      await backfill.commit({ ...earlier, exportedUntilMs: START_MS }, staged ? [staged] : []);
      await backfill.publish();
      await backfill.close();
      assert.deepEqual((await open()).position, POSITION);
      assert.deepEqual(await visible(), [1]);
    });

    test('it proves that it keeps its conditions, and leaves nothing', async () => {
      const { sink, visible } = await makeSink();
      assert.match(await sink.prove(NAME, holder()), /keeps conditions/);
      assert.equal(await sink.open(NAME, holder()), undefined);
      assert.deepEqual(await visible(), []);
    });
  });
}

async function opened(sink: Sink) {
  const session = await sink.open(NAME, holder());
  assert.ok(session, 'the home has begun');
  return session;
}

function partsOf(sink: Sink): Promise<Part[]> {
  return Array.fromAsync(sink.parts(NAME, { startMs: START_MS - 2 * HOUR_MS, endMs: START_MS + HOUR_MS }));
}
