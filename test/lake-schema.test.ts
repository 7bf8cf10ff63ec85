import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLake } from '../src/core/lake/lake.ts';
import type { Store } from '../src/core/lake/store.ts';
import type { Column } from '../src/core/rows.ts';
import type { Position } from '../src/core/sink.ts';
import { createMemoryStore } from './support/memory-store.ts';
import { plainLines } from './support/plain-lines.ts';
import { rowsOf } from './support/rows.ts';

const PATH = 'requests/_schema.json';
const START_MS = Date.parse('2026-11-22T14:00:00.000Z');
const MINUTE_MS = 60_000;

const position: Position = {
  export: 'requests',
  source: 'workspace',
  query: 'AppRequests',
  exportedFromMs: START_MS,
  exportedUntilMs: START_MS,
  windowMs: MINUTE_MS,
  look: undefined,
  claims: [],
  backfills: [],
};

let runs = 0;

/** A lake over a store, and what it says and asks. */
function sceneOver(inner: Store = createMemoryStore()) {
  const messages: string[] = [];
  const asked: string[] = [];
  const say = (message: string) => messages.push(message);
  const store: Store = {
    ...inner,
    read: (path) => {
      asked.push(`read ${path}`);
      return inner.read(path);
    },
    replace: (path, ...rest) => {
      asked.push(`replace ${path}`);
      return inner.replace(path, ...rest);
    },
  };
  const sink = createLake({ store, format: plainLines, now: () => START_MS });
  const holder = () => ({ runId: `run${++runs}`, log: { debug() {}, info: say, warn: say, error: say } });
  async function commit(names: readonly string[], at = 0, home = 'requests') {
    await sink.begin(home, position, holder());
    const session = await sink.open(home, holder());
    assert.ok(session);
    const window = { startMs: START_MS + at * MINUTE_MS, endMs: START_MS + (at + 1) * MINUTE_MS };
    const row = Object.fromEntries(names.map((name) => [name, 1]));
    try {
      const part = await session.stage({ window }, rowsOf(names, [row]));
      assert.ok(part);
      await session.commit({ ...session.position, exportedUntilMs: window.endMs }, [part]);
      await session.publish();
    } finally {
      await session.close();
    }
  }
  const versions = async () =>
    (await sink.schema?.('requests'))?.map(({ fromMs, columns }) => [
      (fromMs - START_MS) / MINUTE_MS,
      columns.map(({ name }: Column) => name).join(),
    ]);
  return { inner, sink, messages, asked, commit, versions };
}

test('columns are kept before the first commit that has them, and nothing is read while they stay', async () => {
  const { commit, versions, asked, messages } = sceneOver();
  await commit(['a', 'b']);
  const writes = asked.filter((each) => each.startsWith('replace')).map((each) => each.split('/_')[1]);
  // The first position, the columns, the commit, and that all is published.
  assert.deepEqual(writes, ['watermark.json', 'schema.json', 'watermark.json', 'watermark.json']);
  asked.length = 0;
  await commit(['a', 'b'], 1);
  assert.ok(!asked.some((each) => each.includes('_schema')), asked.join('\n'));
  await commit(['a', 'c'], 2);
  await commit(['a', 'b'], 3);
  assert.deepEqual(await versions(), [
    [0, 'a,b'],
    [2, 'a,c'],
  ]);
  assert.equal(messages.length, 1, messages.join('\n'));
  assert.match(
    messages[0] ?? '',
    /^requests: from 2026-11-22T14:02:00.000Z on the columns are others: c .*is new, b is/,
  );
});

test('a version that a backfill finds earlier begins there, and one of its own is added in its place', async () => {
  const { commit, versions } = sceneOver();
  await commit(['a'], 10);
  await commit(['a', 'b'], 11);
  await commit(['a'], 5, 'requests/_backfill/1');
  await commit(['z'], 7, 'requests/_backfill/1');
  assert.deepEqual(await versions(), [
    [5, 'a'],
    [7, 'z'],
    [11, 'a,b'],
  ]);
});

test('what another run has written in between stays, and a refused write is tried again', async () => {
  const inner = createMemoryStore();
  const other = sceneOver(inner);
  let isFirst = true;
  const { commit, versions } = sceneOver({
    ...inner,
    async replace(path, ...rest) {
      if (path === PATH && isFirst) {
        isFirst = false;
        await other.commit(['x'], 1, 'requests/_backfill/1');
      }
      return inner.replace(path, ...rest);
    },
  });
  await commit(['a'], 2);
  assert.deepEqual(await versions(), [
    [1, 'x'],
    [2, 'a'],
  ]);
});

test('a write that was done though its reply was lost counts', async () => {
  const inner = createMemoryStore();
  const { commit, versions } = sceneOver({
    ...inner,
    async replace(path, ...rest) {
      const etag = await inner.replace(path, ...rest);
      if (path === PATH) throw new Error('the reply was lost');
      return etag;
    },
  });
  await commit(['a']);
  assert.deepEqual(await versions(), [[0, 'a']]);
});

test('a lake that does not take it keeps the watermark where it is, and leaves nothing staged', async () => {
  const inner = createMemoryStore();
  const { commit } = sceneOver({
    ...inner,
    replace: (path, ...rest) =>
      path === PATH ? Promise.reject(new Error('the disk is full')) : inner.replace(path, ...rest),
  });
  await assert.rejects(commit(['a']), /requests\/_schema.json could not be written in 5 attempts/);
  const paths = [...inner.files.keys()];
  assert.deepEqual(paths, ['requests/_watermark.json']);
  await sceneOver(inner).commit(['a']);
  assert.equal((await sceneOver(inner).versions())?.length, 1);
});

test('a damaged file keeps nothing from being exported, is said, and is left alone', async () => {
  const inner = createMemoryStore();
  await inner.replace(PATH, '{"version":1', undefined, 'requests/_staging/x');
  const { commit, messages, sink } = sceneOver(inner);
  await commit(['a']);
  await commit(['a'], 1);
  assert.equal(messages.length, 2);
  for (const message of messages) assert.match(message, /not kept: requests\/_schema\.json: found .*or delete it/);
  assert.equal((await inner.read(PATH))?.text, '{"version":1');
  assert.equal([...inner.files.keys()].filter((path) => path.includes('/y=')).length, 2);
  await assert.rejects(async () => sink.schema?.('requests'), /or delete it/);
  await inner.remove(PATH);
  await commit(['a'], 2);
  assert.equal((await sink.schema?.('requests'))?.length, 1);
});
