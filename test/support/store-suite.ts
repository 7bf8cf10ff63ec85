import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ExistsError, type Store } from '../../src/core/lake/store.ts';
import { chunks, each, found, type Holds, oddChunks } from './store-content.ts';
import { describeList, describeNames, describeRead } from './store-suite-read.ts';
import { describeRename, describeReplace } from './store-suite-write.ts';

/** What a store is opened with for the suite. */
export interface StoreSuiteOptions {
  /** A store with nothing in it. Called once per test. */
  readonly open: () => Promise<Store>;
  readonly keepsEtag: boolean;
}

/** Every sentence of the Store interface, for any store. */
export function describeStore(name: string, options: StoreSuiteOptions): void {
  const holds: Holds = (title, check) => test(title, async () => check(await options.open()));

  describe(name, () => {
    describe('create', () => describeCreate(holds));
    describe('read, readStream and stat', () => describeRead(holds));
    describe('list', () => describeList(holds));
    describe('names', () => describeNames(holds));
    describe('replace', () => describeReplace(holds, options.keepsEtag));
    describe('rename', () => describeRename(holds, options.keepsEtag));
    describe('remove', () => describeRemove(holds));
  });
}

function describeCreate(holds: Holds): void {
  holds('writes the file and its missing folders, and answers bytes and ETag', async (store) => {
    const staged = await store.create('a/b/c.txt', chunks('one ', 'two'));
    assert.equal(staged.bytes, 7);
    assert.deepEqual(await store.read('a/b/c.txt'), { text: 'one two', etag: staged.etag });
    assert.deepEqual(await found(store, 'a/b/c.txt'), { path: 'a/b/c.txt', isFolder: false, ...staged });
    assert.equal((await found(store, 'a')).isFolder, true);
    assert.equal((await found(store, 'a/b')).isFolder, true);
  });

  holds('makes an empty file of an empty content', async (store) => {
    const staged = await store.create('empty', chunks());
    assert.equal(staged.bytes, 0);
    assert.equal((await store.read('empty'))?.text, '');
    assert.equal((await found(store, 'empty')).etag, staged.etag);
  });

  holds('writes 20 MB in odd chunks byte for byte', async (store) => {
    const written = oddChunks(320);
    const staged = await store.create('big', each(written));
    const expected = Buffer.concat(written);
    assert.equal(staged.bytes, expected.length);
    assert.equal((await found(store, 'big')).bytes, expected.length);
    assert.ok(Buffer.from((await store.read('big'))?.text ?? '').equals(expected), 'the content differs');
  });

  holds('takes the next chunk when the one before has been taken up', async (store) => {
    // A producer may use the memory of a chunk again as soon as it is asked for the next one.
    const memory = Buffer.alloc(4);
    async function* content() {
      for (const text of ['abcd', 'efgh', 'ijkl']) {
        memory.write(text);
        yield memory;
      }
    }
    await store.create('reused', content());
    assert.equal((await store.read('reused'))?.text, 'abcdefghijkl');
  });

  holds('refuses when a file is there, and leaves it alone', async (store) => {
    await store.create('a/file', chunks('first'));
    await assert.rejects(store.create('a/file', chunks('second')), ExistsError);
    assert.equal((await store.read('a/file'))?.text, 'first');
  });

  holds('refuses when a folder is there', async (store) => {
    await store.create('a/file', chunks('first'));
    await assert.rejects(store.create('a', chunks('second')), ExistsError);
  });

  holds('lets exactly one of two writers make a file', async (store) => {
    const results = await Promise.allSettled(['one', 'two'].map((text) => store.create('a/file', chunks(text))));
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    const refused = results.filter((result) => result.status === 'rejected' && result.reason instanceof ExistsError);
    assert.equal(refused.length, 1);
    assert.equal((await store.read('a/file'))?.text, ['one', 'two'][winner]);
  });

  for (const [when, before] of [
    ['at once', []],
    ['after the first chunk', ['x']],
    ['after 9 MB', ['x'.repeat(9_000_000)]],
  ] as const) {
    holds(`leaves nothing and rethrows the very error when its content throws ${when}`, async (store) => {
      const broken = new Error('the answer broke');
      async function* content() {
        yield* chunks(...before);
        throw broken;
      }
      await assert.rejects(store.create('a/file', content()), (error) => error === broken);
      assert.equal(await store.stat('a/file'), undefined);
    });
  }
}

function describeRemove(holds: Holds): void {
  holds('takes away a file, and its folder stays', async (store) => {
    await store.create('a/b/file', chunks('x'));
    await store.remove('a/b/file');
    assert.equal(await store.stat('a/b/file'), undefined);
    assert.equal((await found(store, 'a/b')).isFolder, true);
  });

  holds('takes away an empty folder', async (store) => {
    await store.create('a/b/file', chunks('x'));
    await store.remove('a/b/file');
    await store.remove('a/b');
    assert.equal(await store.stat('a/b'), undefined);
    assert.equal((await found(store, 'a')).isFolder, true);
  });

  holds('leaves a folder that is not empty', async (store) => {
    await store.create('a/b/file', chunks('x'));
    await store.remove('a/b');
    await store.remove('a');
    assert.equal((await store.read('a/b/file'))?.text, 'x');
  });

  holds('is fine with nothing there', async (store) => {
    await store.remove('no/such/file');
  });
}
