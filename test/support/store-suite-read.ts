import assert from 'node:assert/strict';
import { chunks, each, found, type Holds, listed, oddChunks } from './store-content.ts';

export function describeRead(holds: Holds): void {
  holds('find nothing where nothing is', async (store) => {
    assert.equal(await store.read('no/such/file'), undefined);
    assert.equal(await store.readStream('no/such/file'), undefined);
    assert.equal(await store.stat('no/such/file'), undefined);
  });

  holds('have no content for a folder', async (store) => {
    await store.create('a/file', chunks('x'));
    assert.equal(await store.read('a'), undefined);
    assert.equal(await store.readStream('a'), undefined);
    assert.deepEqual(await store.stat('a'), { path: 'a', isFolder: true, bytes: 0, etag: '' });
  });

  holds('readStream gives a large file byte for byte', async (store) => {
    const written = oddChunks(150);
    await store.create('big', each(written));
    const read = await Array.fromAsync((await store.readStream('big')) ?? assert.fail());
    assert.ok(read.length > 1, 'in one chunk');
    assert.ok(Buffer.concat(read).equals(Buffer.concat(written)), 'the content differs');
  });

  holds('readStream gives an empty file no chunk with bytes', async (store) => {
    await store.create('empty', chunks());
    const read = await Array.fromAsync((await store.readStream('empty')) ?? assert.fail());
    assert.equal(Buffer.concat(read).length, 0);
  });

  holds('readStream can be ended in the middle, as often as one likes', async (store) => {
    await store.create('big', each(oddChunks(150)));
    for (let times = 0; times < 30; times++) {
      for await (const chunk of (await store.readStream('big')) ?? assert.fail()) {
        assert.ok(chunk.length > 0);
        break;
      }
    }
    await store.remove('big');
    assert.equal(await store.readStream('big'), undefined);
  });
}

export function describeList(holds: Holds): void {
  holds('has nothing where no folder is', async (store) => {
    await store.create('file', chunks('x'));
    for (const folder of ['no/such/folder', 'file/below']) {
      assert.deepEqual(await listed(store, folder), []);
      assert.deepEqual(await listed(store, folder, true), []);
    }
  });

  holds('answers what lies directly in the folder, as stat does', async (store) => {
    await store.create('a/one', chunks('1'));
    await store.create('a/two', chunks('22'));
    await store.create('a/sub/three', chunks('333'));
    await store.create('ab/four', chunks('4444'));
    const entries = await listed(store, 'a');
    assert.deepEqual(entries, [
      { path: 'a/one', isFolder: false, bytes: 1 },
      { path: 'a/sub', isFolder: true, bytes: 0 },
      { path: 'a/two', isFolder: false, bytes: 2 },
    ]);
    for (const entry of entries) assert.partialDeepStrictEqual(await store.stat(entry.path), entry);
  });

  holds('answers all that is below the folder when it is recursive', async (store) => {
    for (const path of ['a/y=1/m=1/1', 'a/y=1/m=2/2', 'a/3', 'ab/4']) await store.create(path, chunks(path));
    assert.deepEqual(await listed(store, 'a', true), [
      { path: 'a/3', isFolder: false, bytes: 3 },
      { path: 'a/y=1', isFolder: true, bytes: 0 },
      { path: 'a/y=1/m=1', isFolder: true, bytes: 0 },
      { path: 'a/y=1/m=1/1', isFolder: false, bytes: 11 },
      { path: 'a/y=1/m=2', isFolder: true, bytes: 0 },
      { path: 'a/y=1/m=2/2', isFolder: false, bytes: 11 },
    ]);
    assert.deepEqual(
      (await listed(store, 'a/y=1/m=2', true)).map(({ path }) => path),
      ['a/y=1/m=2/2'],
    );
  });

  for (const recursive of [false, true]) {
    holds(`of an empty path${recursive ? ', recursive,' : ''} is that of the sink itself`, async (store) => {
      await store.create('a/one', chunks('1'));
      await store.replace('two', '2', undefined, 'a/via');
      assert.deepEqual(
        (await listed(store, '', recursive)).map(({ path }) => path),
        recursive ? ['a', 'a/one', 'two'] : ['a', 'two'],
      );
    });
  }

  holds('can be ended in the middle', async (store) => {
    for (const path of ['a/1', 'a/2', 'a/b/3']) await store.create(path, chunks('x'));
    for await (const { path } of store.list('a', { recursive: true })) {
      assert.ok(path.startsWith('a/'));
      break;
    }
  });
}

export function describeNames(holds: Holds): void {
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
      assert.deepEqual(await listed(store, folder), [{ path, isFolder: false, bytes: 1 }]);
      assert.equal((await listed(store, '', true)).filter((entry) => entry.path === path).length, 1);
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
