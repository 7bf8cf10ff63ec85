import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { runExport } from '../src/core/exporter.ts';
import type { Store } from '../src/core/lake/store.ts';
import { OutOfTimeError } from '../src/core/sink.ts';
import { createLogs, createPorts, OPTIONS, putWatermark } from './support/exporter-scene.ts';
import { createMemoryStore } from './support/memory-store.ts';
import { type Fate, type Receiver, startReceiver } from './support/receiver.ts';
import { KEY, openScene, rowsOf } from './support/rest-scene.ts';

const at = ({ url }: Receiver) => ({ url, authorization: undefined, audience: undefined, credential: undefined });
const batchesOf = ({ posts }: Receiver) => posts.map(({ key }) => key.slice(KEY.length + 1));
const idsOf = ({ taken }: Receiver) => [...taken.values()].flat().map((line) => String(JSON.parse(line).Id));
const ids = (count: number) => rowsOf(count).map(({ Id }) => Id);
/** Seven batches. */
const ROWS = rowsOf(60, 100_000);
const CLEAN = ['requests/_watermark.json', 'requests/_schema.json'];

/** A memory store, and the files that were made in it to remember something. */
function openNoting() {
  const notes: string[] = [];
  const store = createMemoryStore({
    async step(label) {
      const note = /^create .*-([\d.]+\.(?:taken|halved))\.staged$/.exec(label)?.[1];
      if (note !== undefined) notes.push(note);
    },
  });
  return { store, notes };
}

/** Until a run must have ended, when each request takes `postMs`. */
function lasting(receiver: Receiver, wholeMs: number, postMs: number) {
  const before = receiver.posts.length;
  return () => wholeMs - postMs * (receiver.posts.length - before);
}

test('a part that needs three runs is delivered once, in order, and nothing is left of it', async () => {
  await using receiver = await startReceiver();
  const { store, notes } = openNoting();
  const scene = openScene(store, at(receiver));
  const isOver = (error: unknown) => {
    assert.match(
      String(error),
      /the run's time is up before "requests.*\/\d" was sent\. Its rows are kept, and the next/,
    );
    return error instanceof OutOfTimeError;
  };
  // A request may take a minute: the first three begin before the last one of the run.
  const first = await scene.commit([ROWS], { leftMs: lasting(receiver, 70_000, 5_000) });
  await assert.rejects(first.publish(), isOver);
  await first.close();
  assert.deepEqual(batchesOf(receiver), ['1', '2', '3']);
  const second = await scene.open({ leftMs: lasting(receiver, 70_000, 5_000) });
  await assert.rejects(second.publish(), isOver);
  await second.close();
  const third = await scene.open({ leftMs: lasting(receiver, 70_000, 5_000) });
  await third.publish();
  await third.close();
  assert.deepEqual(batchesOf(receiver), ['1', '2', '3', '4', '5', '6', '7']);
  assert.deepEqual(idsOf(receiver), ids(60));
  assert.deepEqual(notes, ['3.taken', '6.taken'], 'one file for each run that ended in the middle');
  assert.deepEqual([...store.files.keys()], CLEAN);
});

test('a run that delivers all in its time writes nothing down', async () => {
  await using receiver = await startReceiver();
  const { store, notes } = openNoting();
  await (await openScene(store, at(receiver)).commit([ROWS], { leftMs: () => 540_000 })).publish();
  assert.deepEqual(notes, []);
});

test('a killed run has noted how far it was every half minute', async () => {
  const [arrived, dead] = [Promise.withResolvers<void>(), Promise.withResolvers<never>()];
  const killed: Fate = { status: 400 };
  await using receiver = await startReceiver(async ({ key, attempt }): Promise<Fate> => {
    if (attempt > 1 || !key.endsWith('/6')) return 'take';
    arrived.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    return killed;
  });
  const store = createMemoryStore();
  let isKilled = false;
  const unlessKilled = <T>(effect: () => Promise<T>): Promise<T> => (isKilled ? dead.promise : effect());
  const mortal: Store = {
    ...store,
    create: (...args) => unlessKilled(() => store.create(...args)),
    remove: (...args) => unlessKilled(() => store.remove(...args)),
  };
  const crashed = await openScene(mortal, at(receiver)).commit([ROWS], { leftMs: lasting(receiver, 540_000, 15_000) });
  void crashed.publish();
  await arrived.promise;
  isKilled = true;
  const next = await openScene(store, at(receiver)).open();
  await next.publish();
  await next.close();
  assert.deepEqual(batchesOf(receiver), ['1', '2', '3', '4', '5', '6', '5', '6', '7']);
  assert.equal(receiver.mixed.size, 0);
  assert.deepEqual(idsOf(receiver).sort(), ids(60).sort());
  assert.deepEqual([...store.files.keys()], CLEAN);
});

test('an error and a signal remember how far it was too, in the midst of a batch that was halved', async () => {
  let refused = '';
  const stop = new AbortController();
  await using receiver = await startReceiver(({ key, bytes, attempt }): Fate => {
    if (bytes > 300_000) return { status: 413 };
    if (key.endsWith(refused)) return { status: 400 };
    if (attempt > 1 || !key.endsWith('/2.1.2')) return 'take';
    setImmediate(() => stop.abort(new Error('stopped')));
    return { status: 503, headers: { 'Retry-After': '100' } };
  });
  const { store, notes } = openNoting();
  const scene = openScene(store, at(receiver));
  refused = '/1.2.1';
  const failed = await scene.commit([rowsOf(18, 100_000)]);
  await assert.rejects(failed.publish(), /refused ".*1\.2\.1": 400/);
  await failed.close();
  refused = '/none';
  const stopped = await scene.open({ signal: stop.signal });
  await assert.rejects(stopped.publish(), /stopped/);
  await stopped.close();
  const last = await scene.open();
  await last.publish();
  await last.close();
  const again = batchesOf(receiver).filter((batch, index, all) => all.indexOf(batch) < index);
  assert.deepEqual(again, ['1.2.1', '2.1.2'], 'only what was not taken comes again');
  assert.deepEqual(
    notes.filter((note) => note.endsWith('.taken')),
    ['1.1.2.taken', '2.1.1.taken'],
  );
  assert.deepEqual(idsOf(receiver), ids(18));
  assert.deepEqual([...store.files.keys()], CLEAN);
});

test('a receiver that takes nothing until the time is up has failed, and is not merely slow', async () => {
  await using receiver = await startReceiver(() => ({ status: 503, headers: { 'Retry-After': '0' } }));
  const scene = openScene(createMemoryStore(), at(receiver));
  const session = await scene.commit([rowsOf(3)], { leftMs: lasting(receiver, 150_000, 60_000) });
  await assert.rejects(session.publish(), (error) => {
    assert.match(String(error), /has not taken ".*\/1" in 2 attempts, last 503/);
    return !(error instanceof OutOfTimeError);
  });
});

test('a run whose time is up in the midst of a part ends as stopped, and the next one goes on', async () => {
  await using receiver = await startReceiver();
  const store = createMemoryStore();
  const { sink } = openScene(store, at(receiver));
  const { logs } = createLogs([{ id: 1, at: '2026-11-22T14:01:00.000Z' }], (kql) =>
    kql.endsWith('| take 1') ? {} : { names: ['Id', 'Text'], lines: rowsOf(15, 100_000) },
  );
  const { ports } = createPorts(store, logs);
  await putWatermark(store);
  const runUntil = (elapsed: () => number) =>
    runExport(OPTIONS, { ...ports, sink, clock: { ...ports.clock, elapsed } }, new AbortController().signal);
  const stopped = await runUntil(() => (receiver.posts.length > 0 ? 500_000 : 0));
  assert.equal(stopped.outcome, 'stopped');
  assert.match(
    stopped.reason ?? '',
    /^REST_URL \(http:.*\): the run's time is up before "requests\/.*\/2" was sent\. Its/,
  );
  const next = await runUntil(() => 0);
  assert.equal(next.outcome, 'exported');
  assert.deepEqual(idsOf(receiver), ids(15));
  assert.equal(receiver.posts.length, 2);
});

test('a store that writes nothing down keeps no batch from being delivered', async () => {
  await using receiver = await startReceiver();
  const store = createMemoryStore({
    async step(label) {
      if (label.startsWith('create') && label.includes('.taken')) throw new Error('no space left');
    },
  });
  const scene = openScene(store, at(receiver));
  const session = await scene.commit([ROWS], { leftMs: lasting(receiver, 540_000, 30_000) });
  await session.publish();
  assert.deepEqual(batchesOf(receiver), ['1', '2', '3', '4', '5', '6', '7']);
  assert.match(scene.messages.join('\n'), /that all up to 1 was taken is not written down: Error: no space left/);
});

test('a staged file is not left open when it cannot be seen how far its delivery has come', async () => {
  await using receiver = await startReceiver();
  const store = createMemoryStore();
  let open = 0;
  const failing: Store = {
    ...store,
    list: (folder) =>
      folder.includes('_staging') ? Readable.from([]).destroy(new Error('no listing')) : store.list(folder),
    readStream(path) {
      open += 1;
      return store.readStream(path);
    },
  };
  const session = await openScene(failing, at(receiver)).commit([rowsOf(3)]);
  await assert.rejects(session.publish(), /no listing/);
  assert.equal(open, 0);
});
