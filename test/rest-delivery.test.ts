import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStore } from './support/memory-store.ts';
import { type Fate, type Receiver, startReceiver } from './support/receiver.ts';
import { KEY, openScene, rowsOf } from './support/rest-scene.ts';

const OPEN = { authorization: undefined, audience: undefined, credential: undefined };
const at = ({ url }: Receiver) => ({ url, ...OPEN });
/** The ids of what was taken, in the order of their keys. */
const idsOf = ({ taken }: Receiver) => [...taken.values()].flat().map((line) => String(JSON.parse(line).Id));
const ids = (count: number) => rowsOf(count).map(({ Id }) => Id);
const first = (fate: Fate) => startReceiver(({ attempt }) => (attempt === 1 ? fate : 'take'));

test('a part is posted in batches of 1 MB, and its staged file goes', async () => {
  for (const compression of ['gzip', 'zstd', 'none'] as const) {
    await using receiver = await startReceiver();
    const store = createMemoryStore();
    const session = await openScene(store, at(receiver), compression).commit([rowsOf(30, 100_000)]);
    await session.publish();
    await session.close();
    assert.deepEqual([...receiver.taken.keys()], [`${KEY}/1`, `${KEY}/2`, `${KEY}/3`, `${KEY}/4`]);
    assert.deepEqual(idsOf(receiver), ids(30));
    for (const { bytes, headers } of receiver.posts) {
      assert.ok(bytes <= 1_000_000);
      assert.equal(headers['content-type'], 'application/x-ndjson');
      assert.equal(headers['content-encoding'], 'gzip');
      assert.equal(headers.authorization, undefined);
    }
    assert.deepEqual([...store.files.keys()], ['requests/_watermark.json', 'requests/_schema.json']);
  }
});

test('buckets of one window have keys of their own', async () => {
  await using receiver = await startReceiver();
  const session = await openScene(createMemoryStore(), at(receiver)).commit([rowsOf(2), rowsOf(3)]);
  await session.publish();
  assert.deepEqual([...receiver.taken.keys()], [`${KEY}_p1of2/1`, `${KEY}_p2of2/1`]);
});

const RETRIED: readonly [string, Fate][] = [
  ['a lost request', 'drop'],
  ['a lost reply', 'lose'],
  ['408', { status: 408 }],
  ['429 with seconds', { status: 429, headers: { 'Retry-After': '0' } }],
  ['429 with a date', { status: 429, headers: { 'Retry-After': new Date(Date.now() - 5000).toUTCString() } }],
  ['429 with nonsense', { status: 429, headers: { 'Retry-After': 'soon' } }],
  ['429 without anything', { status: 429 }],
  ['500', { status: 500, body: 'oops' }],
  ['503', { status: 503 }],
];
for (const [name, fate] of RETRIED) {
  test(`${name}: the same batch is sent again under the same key`, async () => {
    await using receiver = await first(fate);
    const store = createMemoryStore();
    const session = await openScene(store, at(receiver)).commit([rowsOf(15, 100_000)]);
    await session.publish();
    assert.equal(receiver.posts.length, 2 * 2);
    assert.equal(receiver.mixed.size, 0);
    assert.deepEqual(idsOf(receiver), ids(15));
  });
}

test('a longer wait than is left of the run, and 8 attempts in vain, are left to the next run', async () => {
  let fate: Fate = { status: 429, headers: { 'Retry-After': '90' } };
  await using receiver = await startReceiver(() => fate);
  const store = createMemoryStore();
  const scene = openScene(store, at(receiver));
  const session = await scene.commit([rowsOf(3)], { leftMs: () => 60_000 });
  await assert.rejects(
    session.publish(),
    /has not taken "requests.*1" in 1 attempts, last 429, to be asked again after 90 s/,
  );
  await session.close();
  fate = { status: 500, body: 'first line\nsecond line' };
  await assert.rejects((await scene.open()).publish(), /in 8 attempts, last 500: first line\. Its rows are kept/);
  fate = 'drop';
  await assert.rejects((await scene.open()).publish(), (error: Error) => {
    assert.match(error.message, /in 8 attempts, last no answer/);
    assert.match(String(error.cause), /ECONNRESET|connection/);
    return true;
  });
  fate = 'take';
  const last = await scene.open();
  await last.publish();
  await last.close();
  assert.deepEqual(idsOf(receiver), ids(3));
  assert.equal(receiver.mixed.size, 0);
  assert.equal((await scene.open()).unpublished.parts, 0);
});

const REFUSED: readonly [number, string, RegExp][] = [
  [400, 'line 2: no column "a"\nmore', /refused "requests\/.*\/1": 400: line 2: no column "a"\. Its rows are kept/],
  [401, '', /: 401\. Its rows/],
  [409, 'key was used', /: 409: key was used/],
  [422, '\u001b[31mred', /: 422: \S*red/],
];
for (const [status, body, expected] of REFUSED) {
  test(`${status} stops the export at once and drops nothing`, async () => {
    await using receiver = await startReceiver(() => ({ status, body }));
    const store = createMemoryStore();
    const session = await openScene(store, at(receiver)).commit([rowsOf(3)]);
    await assert.rejects(session.publish(), expected);
    await session.close();
    assert.equal(receiver.posts.length, 1);
    assert.equal([...store.files.keys()].filter((path) => path.endsWith('.staged')).length, 1);
  });
}

test('413 halves a batch until it is taken, under keys that stay the same', async () => {
  await using receiver = await startReceiver(({ bytes }) => (bytes > 300_000 ? { status: 413 } : 'take'));
  const store = createMemoryStore();
  const session = await openScene(store, at(receiver)).commit([rowsOf(12, 100_000)]);
  await session.publish();
  await session.close();
  assert.deepEqual(
    [...receiver.taken.keys()].map((key) => key.slice(KEY.length + 1)),
    ['1.1.1', '1.1.2', '1.2.1', '1.2.2.1', '1.2.2.2', '2.1', '2.2'],
  );
  assert.deepEqual(idsOf(receiver), ids(12));
  assert.deepEqual([...store.files.keys()], ['requests/_watermark.json', 'requests/_schema.json'], 'nothing is left');
});

test('a batch that was halved is never sent whole again, although the receiver takes more by then', async () => {
  let most = 600_000;
  let isDown = false;
  await using receiver = await startReceiver(({ bytes, key }) => {
    if (bytes > most) return { status: 413 };
    return isDown && key.endsWith('1.2') ? { status: 400 } : 'take';
  });
  isDown = true;
  const store = createMemoryStore();
  const scene = openScene(store, at(receiver));
  const crashed = await scene.commit([rowsOf(9, 100_000)]);
  await assert.rejects(crashed.publish(), /refused ".*1\.2": 400/);
  [most, isDown] = [Number.POSITIVE_INFINITY, false];
  const next = await scene.open();
  await next.publish();
  await next.close();
  assert.deepEqual([...receiver.taken.keys()], [`${KEY}/1.1`, `${KEY}/1.2`]);
  assert.deepEqual(idsOf(receiver), ids(9));
});

test('a single line that is too large stops the export and says its size', async () => {
  await using receiver = await startReceiver(({ bytes }) => (bytes > 1000 ? { status: 413 } : 'take'));
  const session = await openScene(createMemoryStore(), at(receiver)).commit([rowsOf(1, 2000)]);
  await assert.rejects(session.publish(), /takes no line of \d+ bytes \(413\), and nothing is left out/);
});

test('two runs that deliver at once end with each row once', async () => {
  const barrier = Promise.withResolvers<void>();
  await using receiver = await startReceiver(async ({ attempt }): Promise<Fate> => {
    if (attempt === 2) barrier.resolve();
    await barrier.promise;
    return 'take';
  });
  const store = createMemoryStore();
  const scene = openScene(store, at(receiver));
  const one = await scene.commit([rowsOf(3)]);
  const other = await scene.open();
  await Promise.all([one.publish(), other.publish()]);
  await one.close();
  await other.close();
  assert.deepEqual(idsOf(receiver), ids(3));
  assert.equal(receiver.mixed.size, 0);
});

test('a run that another one has overtaken goes on, whatever its own request came to', async () => {
  const [arrived, overtaken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using receiver = await startReceiver(async ({ attempt }): Promise<Fate> => {
    if (attempt > 1) return 'take';
    arrived.resolve();
    await overtaken.promise;
    return { status: 400 };
  });
  const scene = openScene(createMemoryStore(), at(receiver));
  const slow = await scene.commit([rowsOf(3)]);
  const publishing = slow.publish();
  await arrived.promise;
  await (await scene.open()).publish();
  overtaken.resolve();
  await publishing;
  assert.deepEqual(idsOf(receiver), ids(3));
});

test('a part whose staged file is gone has been delivered', async () => {
  await using receiver = await startReceiver();
  const store = createMemoryStore();
  const scene = openScene(store, at(receiver));
  await (await scene.commit([rowsOf(3)])).publish(); // and crashes
  const next = await scene.open();
  assert.equal(next.unpublished.parts, 1);
  await next.publish();
  await next.close();
  assert.equal(receiver.posts.length, 1);
  assert.match(scene.messages.join('\n'), /_3\.jsonl\.gz \(3 rows\) is no longer in staging: it has been delivered/);
});

test('a staged file that somebody has changed is not posted', async () => {
  await using receiver = await startReceiver();
  const store = createMemoryStore();
  const session = await openScene(store, at(receiver)).commit([rowsOf(3)]);
  const [staged = ''] = [...store.files.keys()].filter((path) => path.endsWith('.staged'));
  await store.remove(staged);
  await store.create(
    staged,
    (async function* () {
      yield Buffer.from('other');
    })(),
  );
  await assert.rejects(session.publish(), /has another ETag/);
  assert.equal(receiver.posts.length, 0);
});

test('a signal ends a slow request and a long wait, and the rows stay', async () => {
  for (const fate of ['slow', 'wait'] as const) {
    const stop = new AbortController();
    const never = Promise.withResolvers<Fate>();
    await using receiver = await startReceiver(() => {
      setImmediate(() => stop.abort(new Error('stopped')));
      return fate === 'slow' ? never.promise : { status: 503, headers: { 'Retry-After': '100' } };
    });
    const store = createMemoryStore();
    const session = await openScene(store, at(receiver)).commit([rowsOf(3)], { signal: stop.signal });
    await assert.rejects(session.publish(), /stopped/);
    never.resolve('take');
    assert.equal([...store.files.keys()].filter((path) => path.endsWith('.staged')).length, 1);
  }
});

test('a batch counts as taken when the receiver says so, however its answer goes on', async () => {
  await using receiver = await startReceiver(() => 'cut');
  const session = await openScene(createMemoryStore(), at(receiver)).commit([rowsOf(15, 100_000)]);
  await session.publish();
  assert.equal(receiver.posts.length, 2);
});
