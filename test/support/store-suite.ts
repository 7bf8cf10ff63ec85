import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConflictError, type Entry, ExistsError, type Store } from '../../src/core/lake/store.ts';

/** What a store is opened with for the suite. */
export interface StoreSuiteOptions {
  /** A store with nothing in it. Called once per test. */
  readonly open: () => Promise<Store>;
  readonly keepsEtag: boolean;
}

/** Every sentence of the Store interface, for any store. */
export function describeStore(name: string, options: StoreSuiteOptions): void {
  const holds = (title: string, check: (store: Store) => Promise<void>) =>
    test(title, async () => check(await options.open()));

  describe(name, () => {
    describe('create', () => describeCreate(holds));
    describe('read, stat and list', () => describeLook(holds));
    describe('replace', () => describeReplace(holds));
    describe('rename', () => describeRename(holds, options.keepsEtag));
    describe('remove', () => describeRemove(holds));
  });
}

type Holds = (title: string, check: (store: Store) => Promise<void>) => void;

function describeCreate(holds: Holds): void {
  holds('writes the file and its missing folders, and answers bytes and ETag', async (store) => {
    const staged = await store.create('a/b/c.txt', chunks('one ', 'two'));
    assert.equal(staged.bytes, 7);
    assert.deepEqual(await store.read('a/b/c.txt'), {
      text: 'one two',
      etag: staged.etag,
      modifiedMs: (await found(store, 'a/b/c.txt')).modifiedMs,
    });
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
    const block = Buffer.from(Array.from({ length: 65_537 }, (_, at) => 33 + (at % 90)));
    async function* content() {
      for (let at = 0; at < 320; at++) yield block.subarray(0, block.length - at);
    }
    const staged = await store.create('big', content());
    const expected = Buffer.concat(Array.from({ length: 320 }, (_, at) => block.subarray(0, block.length - at)));
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

function describeLook(holds: Holds): void {
  holds('find nothing where nothing is', async (store) => {
    assert.equal(await store.read('no/such/file'), undefined);
    assert.equal(await store.stat('no/such/file'), undefined);
    assert.deepEqual(await listed(store, 'no/such/folder'), []);
  });

  holds('read has no text for a folder', async (store) => {
    await store.create('a/file', chunks('x'));
    assert.equal(await store.read('a'), undefined);
  });

  holds('list answers what lies directly in the folder, as stat does', async (store) => {
    await store.create('a/one', chunks('1'));
    await store.create('a/two', chunks('22'));
    await store.create('a/sub/three', chunks('333'));
    await store.create('ab/four', chunks('4444'));
    const entries = await listed(store, 'a');
    assert.deepEqual(
      entries.map(({ path, isFolder, bytes }) => ({ path, isFolder, bytes })),
      [
        { path: 'a/one', isFolder: false, bytes: 1 },
        { path: 'a/sub', isFolder: true, bytes: 0 },
        { path: 'a/two', isFolder: false, bytes: 2 },
      ],
    );
    for (const entry of entries) assert.deepEqual(entry, await store.stat(entry.path));
    assert.equal(entries.find(({ isFolder }) => isFolder)?.etag, '');
  });

  holds('list answers the folders of the sink itself for an empty path', async (store) => {
    await store.create('a/one', chunks('1'));
    await store.replace('two', '2', undefined, 'a/via');
    assert.deepEqual(
      (await listed(store, '')).map(({ path }) => path),
      ['a', 'two'],
    );
  });

  holds('tell times by a clock that runs', async (store) => {
    await store.create('a/one', chunks('1'));
    const { modifiedMs } = await found(store, 'a/one');
    assert.ok(Math.abs(Date.now() - modifiedMs) < 60_000, `${modifiedMs}`);
    assert.ok(Math.abs(modifiedMs - (await found(store, 'a')).modifiedMs) < 60_000);
  });

  for (const path of [
    'with space/a b.txt',
    'y=2026/m=11/20261122T140500.000Z_3_p1of4.jsonl.gz',
    'per%cent/100%25',
    'plus+plus/a+b',
    'unicode/žluťoučký 東京',
    "quote's/a'b",
    'question?/a#b&c=d',
  ]) {
    holds(`take the name "${path}" as it is`, async (store) => {
      const folder = path.slice(0, path.lastIndexOf('/'));
      await store.create(path, chunks('x'));
      assert.equal((await store.read(path))?.text, 'x');
      assert.deepEqual(await listed(store, folder), [await found(store, path)]);
      await store.rename(path, `${path}.moved/${path}`, (await found(store, path)).etag);
      assert.equal((await store.read(`${path}.moved/${path}`))?.text, 'x');
      // Its name is free again.
      await store.replace(`${folder}/w`, 'y', undefined, path);
      assert.equal((await store.read(`${folder}/w`))?.text, 'y');
      assert.equal(await store.stat(path), undefined);
      await store.remove(`${path}.moved/${path}`);
      assert.equal(await store.stat(`${path}.moved/${path}`), undefined);
    });
  }
}

function describeReplace(holds: Holds): void {
  holds('makes the file when there must be none and there is none', async (store) => {
    await store.replace('a/w', 'one', undefined, 'a/s/via');
    assert.equal((await store.read('a/w'))?.text, 'one');
    assert.equal(await store.stat('a/s/via'), undefined);
  });

  holds('replaces the file that has the ETag, with a new ETag', async (store) => {
    await store.replace('a/w', 'one', undefined, 'a/s/1');
    const before = await found(store, 'a/w');
    await store.replace('a/w', 'two', before.etag, 'a/s/2');
    const after = await store.read('a/w');
    assert.equal(after?.text, 'two');
    assert.notEqual(after?.etag, before.etag);
    assert.equal(await store.stat('a/s/2'), undefined);
  });

  holds('refuses a wrong ETag, leaves the file and takes its own away', async (store) => {
    await store.replace('a/w', 'one', undefined, 'a/s/1');
    const { etag } = await found(store, 'a/w');
    await store.replace('a/w', 'two', etag, 'a/s/2');
    await assert.rejects(store.replace('a/w', 'three', etag, 'a/s/3'), ConflictError);
    assert.equal((await store.read('a/w'))?.text, 'two');
    assert.equal(await store.stat('a/s/3'), undefined);
  });

  holds('refuses an ETag when there is no file', async (store) => {
    const { etag } = await store.create('a/other', chunks('x'));
    await assert.rejects(store.replace('a/w', 'one', etag, 'a/via'), ConflictError);
    assert.equal(await store.stat('a/w'), undefined);
    assert.equal(await store.stat('a/via'), undefined);
  });

  holds('refuses when there must be no file and there is one', async (store) => {
    await store.replace('a/w', 'one', undefined, 'a/s/1');
    await assert.rejects(store.replace('a/w', 'two', undefined, 'a/s/2'), ConflictError);
    assert.equal((await store.read('a/w'))?.text, 'one');
  });

  for (const isNew of [true, false]) {
    holds(`lets exactly one of five racing writers ${isNew ? 'make' : 'replace'} a file`, async (store) => {
      await store.create('a/other', chunks('x'));
      if (!isNew) await store.replace('a/w', 'start', undefined, 'a/s/start');
      const etag = (await store.stat('a/w'))?.etag;
      const writers = ['0', '1', '2', '3', '4'];
      const results = await Promise.allSettled(
        writers.map((text) => store.replace('a/w', text, etag, `a/s/via-${text}`)),
      );
      const winners = writers.filter((_, at) => results[at]?.status === 'fulfilled');
      const refused = results.filter(
        (result) => result.status === 'rejected' && result.reason instanceof ConflictError,
      );
      assert.equal(winners.length, 1);
      assert.equal(refused.length, 4);
      assert.equal((await store.read('a/w'))?.text, winners[0]);
      assert.deepEqual(await listed(store, 'a/s'), []);
    });
  }

  holds('gives every version its own ETag', async (store) => {
    const etags = new Set<string>();
    let etag: string | undefined;
    for (let at = 0; at < 8; at++) {
      await store.replace('w', 'same', etag, `s/${at}`);
      etag = (await found(store, 'w')).etag;
      etags.add(etag);
    }
    assert.equal(etags.size, 8);
  });
}

function describeRename(holds: Holds, keepsEtag: boolean): void {
  holds('moves the file whole, makes the missing folders and leaves the old one', async (store) => {
    const { etag } = await store.create('a/s/file', chunks('content'));
    await store.rename('a/s/file', 'a/y=2026/m=11/part', etag);
    assert.equal((await store.read('a/y=2026/m=11/part'))?.text, 'content');
    assert.equal(await store.stat('a/s/file'), undefined);
    assert.equal((await found(store, 'a/s')).isFolder, true);
    assert.deepEqual(await listed(store, 'a/s'), []);
    assert.equal((await found(store, 'a/y=2026/m=11/part')).etag === etag, keepsEtag);
  });

  holds('makes a folder again that has been removed since', async (store) => {
    const one = await store.create('a/s/1', chunks('1'));
    await store.rename('a/s/1', 'a/hour/1', one.etag);
    await store.remove('a/hour/1');
    await store.remove('a/hour');
    const two = await store.create('a/s/2', chunks('2'));
    await store.rename('a/s/2', 'a/hour/2', two.etag);
    assert.equal((await store.read('a/hour/2'))?.text, '2');
  });

  holds('fails when the file is not there', async (store) => {
    const { etag } = await store.create('a/other', chunks('x'));
    await assert.rejects(store.rename('a/file', 'a/part', etag));
    assert.equal(await store.stat('a/part'), undefined);
  });

  holds('fails when the file has another ETag', async (store) => {
    await store.create('a/file', chunks('one'));
    const other = await store.create('a/other', chunks('other'));
    await assert.rejects(store.rename('a/file', 'a/part', other.etag));
    assert.equal((await store.read('a/file'))?.text, 'one');
    assert.equal(await store.stat('a/part'), undefined);
  });

  holds('fails when something is at the target, and leaves both', async (store) => {
    const { etag } = await store.create('a/file', chunks('one'));
    await store.create('a/part', chunks('published'));
    await store.create('a/folder/x', chunks('x'));
    for (const target of ['a/part', 'a/folder']) await assert.rejects(store.rename('a/file', target, etag));
    assert.equal((await store.read('a/file'))?.text, 'one');
    assert.equal((await store.read('a/part'))?.text, 'published');
    assert.equal((await store.read('a/folder/x'))?.text, 'x');
  });

  holds('of the same file succeeds once, whoever races', async (store) => {
    const { etag } = await store.create('a/s/file', chunks('content'));
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => store.rename('a/s/file', 'a/h/part', etag)));
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal((await store.read('a/h/part'))?.text, 'content');
    assert.equal(await store.stat('a/s/file'), undefined);
  });

  holds('of two files to the same target succeeds once, and the other file stays', async (store) => {
    const sources = ['a/s/0', 'a/s/1'];
    const etags: string[] = [];
    for (const source of sources) etags.push((await store.create(source, chunks(source))).etag);
    const results = await Promise.allSettled(sources.map((path, at) => store.rename(path, 'a/part', etags[at] ?? '')));
    const winner = results[0]?.status === 'fulfilled' ? 0 : 1;
    assert.equal(results[1 - winner]?.status, 'rejected');
    assert.equal((await store.read('a/part'))?.text, sources[winner]);
    assert.deepEqual(
      (await listed(store, 'a/s')).map(({ path }) => path),
      [sources[1 - winner]],
    );
  });
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

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function found(store: Store, path: string): Promise<Entry> {
  return (await store.stat(path)) ?? assert.fail(`nothing is at ${path}`);
}

/** By path, since a store lists in no order. */
async function listed(store: Store, folder: string): Promise<Entry[]> {
  const entries = await Array.fromAsync(store.list(folder));
  return entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
