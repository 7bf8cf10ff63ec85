import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runExport } from '../src/core/exporter.ts';
import { startExport } from '../src/core/open.ts';
import { beginRun } from '../src/core/run.ts';
import type { Sink } from '../src/core/sink.ts';
import { readStatus } from '../src/core/status.ts';
import { createLogs, createPorts, MINUTE_MS, NOW_MS, OPTIONS, PATH, readFile } from './support/exporter-scene.ts';
import { createMemoryStore } from './support/memory-store.ts';
import { startReceiver } from './support/receiver.ts';
import { openScene } from './support/rest-scene.ts';

const NEVER = new AbortController().signal;
const ROWS = [
  { id: 1, at: '2026-11-22T14:01:00.000Z' },
  { id: 2, at: '2026-11-22T14:12:00.000Z' },
];
const MISSING =
  /the watermark is missing, but requests\/_schema\.json shows that rows have been delivered.*latest window among its Idempotency-Keys.*monitorlift start --export requests --at TIME/;

/** An export over HTTP of a table with two rows. */
async function openExported() {
  const receiver = await startReceiver();
  const rest = { url: receiver.url, authorization: undefined, audience: undefined, credential: undefined };
  const store = createMemoryStore();
  const { sink } = openScene(store, rest);
  const { ports } = createPorts(store, createLogs(ROWS).logs);
  const run = (over: Sink = sink) => runExport(OPTIONS, { ...ports, sink: over }, NEVER);
  const taken = () => [...receiver.taken.values()].flat().map((line) => JSON.parse(line).id);
  return { receiver, store, sink, ports: { ...ports, sink }, run, taken };
}

test('a watermark that was deleted is not made anew where rows have been delivered', async () => {
  const { receiver, store, sink, ports, run, taken } = await openExported();
  await using _ = receiver;
  await run();
  assert.deepEqual(taken(), [1, 2]);
  const posts = receiver.posts.length;
  await store.remove(PATH);
  await assert.rejects(run(), MISSING);
  assert.equal(await readFile(store), null);
  const expected = { name: 'requests', source: 'workspace', intervalMs: MINUTE_MS, lagMs: 0, auditMs: 0 };
  const status = await readStatus(sink, expected, { runId: 'asking', log: ports.log }, NOW_MS);
  assert.match(status.problems.join('\n'), MISSING);

  await startExport(beginRun(OPTIONS, ports, NEVER), Date.parse('2026-11-22T14:10:00.000Z'));
  assert.equal((await run()).outcome, 'exported');
  assert.deepEqual(taken().slice(2), [2]);
  assert.ok(receiver.posts.length > posts);
});

test('an export that has delivered nothing begins at the lookback, and one whose columns were deleted too', async () => {
  const { receiver, store, run, taken } = await openExported();
  await using _ = receiver;
  await run();
  await store.remove(PATH);
  await store.remove('requests/_schema.json');
  assert.equal((await run()).outcome, 'exported');
  assert.deepEqual(taken(), [1, 2], 'the same keys');
});

test('a watermark that another run makes meanwhile is not missing', async () => {
  const { receiver, sink, run, taken } = await openExported();
  await using _ = receiver;
  const overtaken: Sink = {
    ...sink,
    async newest() {
      await run();
      return undefined;
    },
  };
  assert.equal((await run(overtaken)).outcome, 'exported');
  assert.deepEqual(taken(), [1, 2]);
});
