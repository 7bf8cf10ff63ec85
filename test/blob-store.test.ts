import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { createApp } from '../src/app.ts';
import { isHierarchical, openContainer } from '../src/azure/blob/client.ts';
import { isFlat } from '../src/azure/blob/open.ts';
import { createBlobStore } from '../src/azure/blob/store.ts';
import { type BlockStore, NoBlocksError, UnansweredError } from '../src/core/lake/blocks.ts';
import { ConflictError, ExistsError } from '../src/core/lake/store.ts';
import { startLake } from '../src/local/lake/lake.ts';
import { type BlobAccount, startBlobAccount } from './support/blob-account.ts';
import { type CounterOptions, countRequests } from './support/lake-counter.ts';
import { parse } from './support/settings.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const newId = () => randomBytes(18).toString('base64');
const bytes = (text: string) => Buffer.from(text);

describe('a store in a flat account', () => {
  let account: BlobAccount;
  before(async () => {
    account = await startBlobAccount();
  });
  after(() => account.close());

  type Counted = Awaited<ReturnType<typeof countRequests>>;
  async function counting(options: CounterOptions, check: (store: BlockStore, counted: Counted) => Promise<void>) {
    const { url } = await account.create();
    const counted = await countRequests(url.href, options);
    try {
      await check(createBlobStore(openContainer(counted.url, undefined)), counted);
    } finally {
      counted.close();
    }
  }
  const storeOf = async () => createBlobStore(openContainer((await account.create()).url, undefined));

  test('needs few requests', () =>
    counting({}, async (store, counted) => {
      const [one, two] = [newId(), newId()];
      await store.putBlock('e/1', one, bytes('one '));
      await store.putBlock('e/1', two, bytes('two'));
      await store.putList('e/1', [one, two], 2);
      await store.replace('e/w', 'text', undefined, '');
      await store.read('e/w');
      await Array.fromAsync(store.list('e'));
      await store.remove('e/w');
      const expected = ['PUT block', 'PUT block', 'PUT blocklist', 'PUT', 'GET', 'GET list', 'DELETE'];
      assert.deepEqual(counted.take(), expected);
    }));

  test('shows nothing of a part before its list is put, and then all of it with its rows', async () => {
    const store = await storeOf();
    const [one, two] = [newId(), newId()];
    await store.putBlock('e/a b/ä%.gz', one, bytes('one '));
    await store.putBlock('e/a b/ä%.gz', two, bytes('two'));
    assert.deepEqual(await Array.fromAsync(store.list('e')), []);
    for (const look of [store.read, store.readStream, store.stat]) assert.equal(await look('e/a b/ä%.gz'), undefined);
    await store.putList('e/a b/ä%.gz', [one, two], 12);
    assert.deepEqual(await Array.fromAsync(store.list('e')), [{ path: 'e/a b', isFolder: true, bytes: 0 }]);
    const [file] = await Array.fromAsync(store.list('e/a b'));
    assert.deepEqual(file, { path: 'e/a b/ä%.gz', isFolder: false, bytes: 7, rows: 12 });
    assert.equal((await store.stat('e/a b/ä%.gz'))?.bytes, 7);
    const stream = await store.readStream('e/a b/ä%.gz');
    assert.equal(Buffer.concat(await Array.fromAsync(stream ?? assert.fail())).toString(), 'one two');
  });

  for (const recursive of [false, true]) {
    test(`lists page by page${recursive ? ', recursively' : ''}`, () =>
      counting({ pageSize: 2 }, async (store, counted) => {
        const names = ['1', '2', '3', '4', '5/6', '5/7'].map((name) => `e/${name}`);
        for (const name of [...names, 'f/1']) await store.replace(name, 'x', undefined, '');
        counted.take();
        const found = await Array.fromAsync(store.list('e', { recursive }), ({ path }) => path);
        assert.deepEqual(found.sort(), recursive ? names : [...names.slice(0, 4), 'e/5']);
        assert.deepEqual(counted.take(), ['GET list', 'GET list', 'GET list']);
      }));
  }

  test('a list is put once: not over a file, not of what has become one, and the blocks of a loser are gone', async () => {
    const store = await storeOf();
    const [winner, loser] = [newId(), newId()];
    await store.putBlock('e/1', winner, bytes('winner'));
    await store.putBlock('e/1', loser, bytes('loser'));
    await store.putList('e/1', [winner], 1);
    await assert.rejects(store.putList('e/1', [winner], 1), ExistsError);
    await store.remove('e/1');
    for (const id of [winner, loser]) await assert.rejects(store.putList('e/1', [id], 1), NoBlocksError);
  });

  test('a file is replaced under its ETag only', async () => {
    const store = await storeOf();
    await store.replace('e/w', 'one', undefined, '');
    await assert.rejects(store.replace('e/w', 'two', undefined, ''), ConflictError);
    const found = await store.read('e/w');
    await store.replace('e/w', 'two', found?.etag, '');
    await assert.rejects(store.replace('e/w', 'three', found?.etag, ''), ConflictError);
    assert.equal((await store.read('e/w'))?.text, 'two');
  });

  test('a block whose reply is lost is not sent again', () =>
    counting({ losesReply: (label) => label === 'PUT block' }, async (store, counted) => {
      await assert.rejects(store.putBlock('e/1', newId(), bytes('one')), UnansweredError);
      assert.deepEqual(counted.take(), ['PUT block']);
    }));

  test('a block that the service refuses is not worth another one', async () => {
    const store = await storeOf();
    await store.putBlock('e/1', newId(), bytes('one'));
    const refused = store.putBlock('e/1', 'MQ==', bytes('two'));
    await assert.rejects(refused, { name: 'Error', message: /Cannot write .*e\/1 \(400 InvalidBlobOrBlock\).*prefix/ });
  });

  test('a list whose reply is lost is sent again, and meets its own success', () => {
    let lost = 0;
    return counting({ losesReply: (label) => label === 'PUT blocklist' && ++lost === 1 }, async (store, counted) => {
      const id = newId();
      await store.putBlock('e/1', id, bytes('one'));
      await assert.rejects(store.putList('e/1', [id], 1), ExistsError);
      assert.deepEqual(counted.take(), ['PUT block', 'PUT blocklist', 'PUT blocklist']);
      assert.equal((await store.read('e/1'))?.text, 'one');
    });
  });

  test('a container that is not there is an error, and says so', async () => {
    const { url } = await account.create();
    const store = createBlobStore(openContainer(new URL(`${url}-not`), undefined));
    const told = /404 ContainerNotFound\)\. The container does not exist: create it, or correct SINK_URL/;
    await assert.rejects(store.read('e/w'), told);
    await assert.rejects(store.putBlock('e/w', newId(), bytes('one')), told);
    await assert.rejects(Array.fromAsync(store.list('e')), told);
  });

  test('what is sent to REST_URL cannot be staged there', async () => {
    const { url } = await account.create();
    const app = createApp(parse({ SINK_URL: url.href, REST_URL: 'http://127.0.0.1:1/rows' }));
    await assert.rejects(app.openSink(), /REST_URL: found it beside a flat account in SINK_URL, expected a lake/);
  });

  test('on loopback the account says which of the two it is', async () => {
    const { url } = await account.create();
    assert.equal(await isHierarchical(openContainer(url, undefined)), undefined);
    const prove = (SINK_URL: string) =>
      createApp(parse({ SINK_URL }))
        .openSink()
        .then((sink) => sink.prove('requests', { runId: 'run', log }));
    assert.match(await prove(url.href), /^writes, publishes, /);
    const lake = await startLake();
    try {
      await lake.createFileSystem('telemetry');
      const sink = lake.url('telemetry');
      assert.equal(await isHierarchical(openContainer(new URL(sink), undefined)), true);
      assert.match(await prove(sink), /^writes, renames, /);
    } finally {
      await lake.close();
    }
  });
});

test('in Azure the host says it, and an account of the other kind is refused with what to write', () => {
  const flat = new URL('https://data.blob.core.windows.net/telemetry/a');
  const lake = new URL('https://data.dfs.core.windows.net/telemetry/a');
  for (const unknown of [undefined, false]) assert.equal(isFlat(flat, unknown), true);
  for (const unknown of [undefined, true]) assert.equal(isFlat(lake, unknown), false);
  assert.throws(
    () => isFlat(flat, true),
    /has a hierarchical namespace: write https:\/\/data\.dfs\.core\.\S+\/a in SINK_URL/,
  );
  assert.throws(
    () => isFlat(lake, false),
    /has no hierarchical namespace: write https:\/\/data\.blob\.core\.\S+\/a in SINK_URL/,
  );
});
