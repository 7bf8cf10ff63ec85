import assert from 'node:assert/strict';
import { ConflictError, NotSentError } from '../../src/core/lake/store.ts';
import { chunks, found, type Holds, listed } from './store-content.ts';

export function describeReplace(holds: Holds, keepsEtag: boolean): void {
  holds('makes the file when there must be none and there is none', async (store) => {
    await store.replace('a/w', 'one', undefined, 'a/s/via');
    assert.equal((await store.read('a/w'))?.text, 'one');
    assert.equal(await store.stat('a/s/via'), undefined);
  });

  holds('writes a new file into folders that are not there', async (store) => {
    await store.replace('a/b/c/w', 'one', undefined, 'a/s/via');
    assert.equal((await store.read('a/b/c/w'))?.text, 'one');
  });

  holds('replaces the file that has the ETag, with a new ETag', async (store) => {
    await store.replace('a/w', 'one', undefined, 'a/s/1');
    const before = await found(store, 'a/w');
    const etag = await store.replace('a/w', 'two', before.etag, 'a/s/2');
    const after = await store.read('a/w');
    assert.equal(after?.text, 'two');
    assert.notEqual(after?.etag, before.etag);
    assert.notEqual(etag, before.etag);
    if (keepsEtag) assert.equal(etag, after?.etag);
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

  holds('gives every content its own ETag', async (store) => {
    const etags = new Set<string>();
    let etag: string | undefined;
    for (let at = 0; at < 8; at++) {
      await store.replace('w', `as long as ${at}`, etag, `s/${at}`);
      etag = (await found(store, 'w')).etag;
      etags.add(etag);
    }
    assert.equal(etags.size, 8);
  });

  for (const [why, via] of [
    ['is taken', 'a/s/taken'],
    ['is below a file', 'a/s/taken/via'],
  ] as const) {
    holds(`says that nothing was sent when the path to write to first ${why}, and goes by another`, async (store) => {
      await store.replace('a/w', 'one', undefined, 'a/s/1');
      await store.create('a/s/taken', chunks());
      const { etag } = await found(store, 'a/w');
      await assert.rejects(store.replace('a/w', 'two', etag, via), NotSentError);
      assert.equal((await store.read('a/w'))?.text, 'one');
      await store.replace('a/w', 'two', etag, 'a/s/2');
      assert.equal((await store.read('a/w'))?.text, 'two');
      await store.remove('a/s/taken');
      assert.deepEqual(await listed(store, 'a/s'), []);
    });
  }
}

export function describeRename(holds: Holds, keepsEtag: boolean): void {
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
