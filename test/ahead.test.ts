import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunError } from '../src/core/exporter.ts';
import { OversizeError } from '../src/core/logs.ts';
import { ALL, answerAll, idle, startRun, visibleIds } from './support/ahead-scene.ts';
import { NOW_MS, putWatermark, readFile, stagedPaths } from './support/exporter-scene.ts';

test('a run begins with one window and asks for one more with each that came whole, up to its limit', async () => {
  const scene = await startRun(4);
  assert.deepEqual(scene.underWay(), [0]);
  await scene.of(0)[0]?.answer(0);
  assert.deepEqual(scene.underWay(), [1, 2]);
  await scene.of(1)[0]?.answer(1);
  assert.deepEqual(scene.underWay(), [2, 3, 4]);
  await scene.of(2)[0]?.answer(2);
  assert.deepEqual(scene.underWay(), [3, 4, 5, 6]);
  await scene.of(3)[0]?.answer(3);
  assert.equal(scene.underWay().length, 4);
  await answerAll(scene);
  assert.deepEqual(visibleIds(scene), ALL);
  assert.equal((await scene.run).windows, ALL.length);
});

test('a run that catches up lets others go first: all but its first window are ahead', async () => {
  const scene = await startRun();
  await scene.of(0)[0]?.answer(0);
  await scene.of(1)[0]?.answer(1);
  const ahead = scene.asked.filter(({ isAhead }) => isAhead).map(({ minute }) => minute);
  assert.deepEqual(ahead, [1, 2, 3, 4]);
  await answerAll(scene);
  await scene.run;
});

test('windows that come early wait for those before them, and are commits in order', async () => {
  const scene = await startRun();
  await scene.of(0)[0]?.answer(0);
  await scene.of(1)[0]?.answer(1);
  await scene.of(4)[0]?.answer(4);
  await scene.of(3)[0]?.answer(3);
  assert.deepEqual(visibleIds(scene), [0, 1]);
  assert.equal((await readFile(scene.store)).exportedUntil, '2026-11-22T14:02:00.000Z');
  await scene.of(2)[0]?.answer(2);
  assert.deepEqual(visibleIds(scene), [0, 1, 2, 3, 4]);
  await answerAll(scene);
  await scene.run;
  assert.deepEqual(visibleIds(scene), ALL);
});

test('however long the first window takes, only so many are staged behind it', async () => {
  const scene = await startRun(3);
  for (const minute of [0, 1, 2]) await scene.of(minute)[0]?.answer(minute);
  const [first = 0] = scene.underWay();
  for (let open = scene.underWay(); open.length > 1; open = scene.underWay()) {
    const last = open.at(-1) ?? 0;
    await scene.of(last)[0]?.answer(last);
  }
  assert.deepEqual(scene.underWay(), [first]);
  assert.equal(stagedPaths(scene.store).length, 2 * 3 - 1);
  await answerAll(scene);
  await scene.run;
  assert.deepEqual(visibleIds(scene), ALL);
});

test('a query that is sent again brings the run back to one window at once', async () => {
  const scene = await startRun();
  for (const minute of [0, 1, 2]) await scene.of(minute)[0]?.answer(minute);
  assert.equal(scene.underWay().length, 4);
  scene.of(6)[0]?.onRetry();
  for (const minute of [3, 4, 5]) await scene.of(minute)[0]?.answer(minute);
  // Each that came whole since has made room for one more.
  assert.deepEqual(scene.underWay(), [6, 7, 8, 9]);
  scene.of(6)[0]?.onRetry();
  await scene.of(6)[0]?.answer(6);
  assert.equal(scene.underWay().length, 3);
  await answerAll(scene);
  await scene.run;
  assert.deepEqual(visibleIds(scene), ALL);
});

test('while memory is short, windows are asked for one after the other', async () => {
  let hasRoom = true;
  const scene = await startRun(5, {}, () => hasRoom);
  for (const minute of [0, 1]) await scene.of(minute)[0]?.answer(minute);
  hasRoom = false;
  for (const minute of [2, 3, 4]) await scene.of(minute)[0]?.answer(minute);
  assert.deepEqual(scene.underWay(), [5]);
  await scene.of(5)[0]?.answer(5);
  assert.deepEqual(scene.underWay(), [6]);
  hasRoom = true;
  await scene.of(6)[0]?.answer(6);
  assert.ok(scene.underWay().length > 1);
  await answerAll(scene);
  await scene.run;
  assert.deepEqual(visibleIds(scene), ALL);
});

test('windows ahead take places of the sink, and give back every one, however the run ends', async () => {
  for (const end of ['done', 'cut', 'failed', 'stopped']) {
    let held = 0;
    const reserve = () => {
      if (held === 3) return undefined;
      held += 1;
      return () => {
        held -= 1;
      };
    };
    const scene = await startRun(5, {}, undefined, reserve);
    for (const minute of [0, 1, 2]) await scene.of(minute)[0]?.answer(minute);
    assert.deepEqual(scene.underWay(), [3, 4, 5], 'so many were ahead when they were asked for');
    await scene.of(5)[0]?.answer(5);
    assert.deepEqual(scene.underWay(), [3, 4], 'what is staged keeps its place');
    if (end === 'stopped') scene.stop.abort(new Error('enough'));
    if (end === 'failed') for (const minute of [4, 3]) await scene.of(minute)[0]?.fail(new Error('refused'));
    if (end === 'cut') await scene.of(4)[0]?.fail(new OversizeError('too slow', { rows: 0, bytes: 0 }));
    if (end === 'done' || end === 'cut') await answerAll(scene);
    const outcome = await scene.run.then((report) => report.outcome).catch(() => 'failed');
    assert.equal(outcome, end === 'cut' || end === 'done' ? 'exported' : end);
    assert.equal(held, 0);
  }
});

test('a window that is too large or too slow is asked for in smaller ones, in its place', async () => {
  for (const rows of [0, 500]) {
    const scene = await startRun();
    await scene.of(0)[0]?.answer(0);
    await scene.of(1)[0]?.answer(1);
    await scene.of(3)[0]?.fail(new OversizeError('too much', { rows, bytes: rows }));
    // A histogram of what was cut says how it lies.
    if (rows > 0) await scene.of(3)[1]?.fail(new Error('no histogram'));
    assert.equal(scene.underWay().length, rows === 0 ? 2 : 3, 'what is slow may be so because of the others');
    await answerAll(scene);
    const report = await scene.run;
    const ids = visibleIds(scene);
    assert.deepEqual([...new Set(ids.map(Math.floor))], ALL);
    assert.ok(ids.includes(3.5), 'the second half of the window');
    assert.equal(report.rows, ids.length);
  }
});

test('a window that fails ahead of its turn is asked for again in its turn, and no sooner', async () => {
  const hold = Promise.withResolvers<void>();
  let isHeld = false;
  const scene = await startRun(5, {
    step: async (label) => {
      if (isHeld && label.startsWith('move')) await hold.promise;
    },
  });
  await scene.of(0)[0]?.answer(0);
  isHeld = true;
  await scene.of(1)[0]?.answer(1); // its commit takes long
  await scene.of(2)[0]?.answer(2);
  await scene.of(3)[0]?.fail(new Error('refused'));
  for (const minute of scene.underWay()) await scene.of(minute)[0]?.answer(minute);
  await idle();
  assert.equal(scene.of(3).length, 1, 'Logs is not asked over and over for a window that fails');
  isHeld = false;
  hold.resolve();
  await idle();
  assert.deepEqual(
    scene.of(3).map(({ isAhead }) => isAhead),
    [true, false],
  );
  await answerAll(scene);
  assert.equal((await scene.run).outcome, 'exported');
  assert.deepEqual(visibleIds(scene), ALL);
});

test('when the first window fails, the run fails: later ones are stopped or thrown away, and asked for again', async () => {
  const scene = await startRun();
  await scene.of(0)[0]?.answer(0);
  await scene.of(1)[0]?.answer(1);
  await scene.of(3)[0]?.answer(3);
  const stopped = scene.of(4)[0];
  await scene.of(2)[0]?.fail(new Error('refused'));
  await assert.rejects(scene.run, (error) => error instanceof RunError && /refused/.test(error.message));
  assert.ok(stopped?.signal.aborted);
  assert.deepEqual(stagedPaths(scene.store), []);
  assert.deepEqual(visibleIds(scene), [0, 1]);
  assert.equal((await readFile(scene.store)).exportedUntil, '2026-11-22T14:02:00.000Z');
});

test('an answer that was read too early takes all later ones with it', async () => {
  const scene = await startRun();
  await scene.of(0)[0]?.answer(0);
  await scene.of(1)[0]?.answer(1);
  // By the service's clock its last seconds have not settled.
  await scene.of(3)[0]?.answer(103);
  const later = scene.of(4)[0];
  await scene.of(2)[0]?.answer(102, Date.parse('2026-11-22T14:07:30.000Z'));
  assert.ok(later?.signal.aborted);
  assert.deepEqual(scene.of(2).length, 2);
  await answerAll(scene);
  await scene.run;
  assert.deepEqual(visibleIds(scene), [0, 1, 2], 'nothing that was read before the clock was known');
  assert.equal((await readFile(scene.store)).exportedUntil, '2026-11-22T14:02:30.000Z');
  assert.deepEqual(stagedPaths(scene.store), []);
});

test('a run that another one has overtaken throws away all that it has staged', async () => {
  const scene = await startRun();
  await scene.of(0)[0]?.answer(0);
  await scene.of(2)[0]?.answer(2);
  const { publishing, ...file } = await readFile(scene.store);
  await scene.store.remove('requests/_watermark.json');
  await putWatermark(scene.store, { ...file, publishing, commit: 50, runId: 'other' });
  await scene.of(1)[0]?.answer(1);
  assert.equal((await scene.run).outcome, 'superseded');
  assert.deepEqual(stagedPaths(scene.store), []);
  assert.deepEqual(visibleIds(scene), [0]);
});

test('a run that is stopped stops all its queries and leaves nothing in staging', async () => {
  const scene = await startRun();
  await scene.of(0)[0]?.answer(0);
  await scene.of(2)[0]?.answer(2);
  scene.stop.abort(new Error('enough'));
  assert.equal((await scene.run).outcome, 'stopped');
  assert.deepEqual(scene.underWay(), []);
  assert.deepEqual(stagedPaths(scene.store), []);
  assert.deepEqual(visibleIds(scene), [0]);
});

test('at the end of its budget a run takes what is under way and asks for nothing more', async () => {
  const scene = await startRun();
  await scene.of(0)[0]?.answer(0);
  await scene.of(1)[0]?.answer(1);
  scene.setElapsed(NOW_MS);
  await answerAll(scene);
  assert.equal((await scene.run).outcome, 'exported');
  assert.deepEqual(visibleIds(scene), [0, 1, 2, 3, 4]);
  assert.deepEqual(Math.max(...scene.asked.map(({ minute }) => minute)), 4);
});

test('a later window that fails while the first is still to be asked for again does not end the run', async () => {
  const scene = await startRun();
  for (const minute of [0, 1, 2]) await scene.of(minute)[0]?.answer(minute);
  await scene.of(3)[0]?.fail(new OversizeError('too slow', { rows: 0, bytes: 0 }));
  assert.deepEqual(scene.underWay(), [4, 5, 6], 'the first waits for those under way');
  await scene.of(4)[0]?.fail(new Error('Logs is out of order'));
  for (const minute of [5, 6]) await scene.of(minute)[0]?.answer(minute);
  assert.ok(scene.of(3).length > 1, 'the first is asked for again');
  await scene.of(3).at(-1)?.fail(new Error('Logs is still out of order'));
  await assert.rejects(scene.run, /still out of order/);
});
