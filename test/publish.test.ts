import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createLogs,
  createStore,
  PATH,
  publishedPaths,
  putWatermark,
  readFile,
  run,
  toLines,
} from './support/exporter-scene.ts';

test('parts that a crash has left committed are published before anything is read', async () => {
  const store = createStore();
  const staged = 'requests/_staging/crashed/1.staged';
  const { etag, bytes } = await store.create(staged, toLines([{ id: 1 }]));
  await putWatermark(store, { publishing: [{ staged, path: 'requests/y=2026/x.jsonl', rows: 1, bytes, etag }] });
  await run(store, createLogs([]).logs);
  assert.deepEqual(publishedPaths(store), ['requests/y=2026/x.jsonl']);
  assert.deepEqual((await readFile(store)).publishing, []);
});

test('a committed part that is nowhere any more is named in a warning, and not asked for again', async () => {
  const store = createStore();
  const gone = {
    staged: 'requests/_staging/crashed/1.staged',
    path: 'requests/y=2026/x.jsonl',
    rows: 7,
    bytes: 9,
    etag: 'e',
  };
  await putWatermark(store, { publishing: [gone] });
  const { messages } = await run(store, createLogs([]).logs);
  assert.match(messages.join('\n'), /requests\/y=2026\/x\.jsonl \(7 rows\) is neither there nor in staging/);
});

test('a foreign file under the name of a part is neither overwritten nor taken for it', async () => {
  const store = createStore();
  const staged = 'requests/_staging/crashed/1.staged';
  const path = 'requests/y=2026/x.jsonl';
  const { etag, bytes } = await store.create(staged, toLines([{ id: 1 }]));
  await store.create(path, toLines([{ something: 'else' }]));
  await putWatermark(store, { publishing: [{ staged, path, rows: 1, bytes, etag }] });
  await assert.rejects(run(store, createLogs([]).logs), /is another file .* move it away/);
  assert.equal((await store.read(path))?.text, '{"something":"else"}\n');
  assert.ok(await store.stat(staged));
});

test('a staged file whose etag has changed stays, and the run says what to do; after that it is published', async () => {
  const store = createStore();
  const staged = 'requests/_staging/4-crashed/1.staged';
  const path = 'requests/y=2026/x.jsonl';
  const { etag, bytes } = await store.create(staged, toLines([{ id: 1 }]));
  await putWatermark(store, { publishing: [{ staged, path, rows: 1, bytes, etag: 'before the copy' }] });
  const before = await store.read(PATH);
  await assert.rejects(run(store, createLogs([]).logs), new RegExp(`has another ETag .* write "etag": "${etag}" into`));
  assert.deepEqual(await store.read(PATH), before, 'the list is kept');
  const text = before?.text.replace('before the copy', etag) ?? '';
  await store.replace(PATH, text, before?.etag, 'requests/_staging/0-person/1.staged');
  await run(store, createLogs([]).logs);
  assert.deepEqual(publishedPaths(store), [path]);
});

test('an empty staged file with another etag is the trace of a late create: the part has been published', async () => {
  const store = createStore();
  const staged = 'requests/_staging/4-crashed/1.staged';
  await store.create(staged, toLines([]));
  await putWatermark(store, {
    publishing: [{ staged, path: 'requests/y=2026/x.jsonl', rows: 1, bytes: 9, etag: 'e' }],
  });
  await run(store, createLogs([]).logs);
  assert.deepEqual((await readFile(store)).publishing, []);
});
