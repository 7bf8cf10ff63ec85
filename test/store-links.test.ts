import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Store } from '../src/core/lake/store.ts';
import { createFileStore } from '../src/file/store.ts';
import { chunks } from './support/store-content.ts';

describe('a directory in which somebody has put links', () => {
  let directory: string;
  let store: Store;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'monitorlift-links-'));
    store = createFileStore(join(directory, 'sink'));
    await mkdir(join(directory, 'foreign/run'), { recursive: true });
    await writeFile(join(directory, 'foreign/run/file'), 'foreign');
    await store.create('a/own', chunks('own'));
    await symlink(join(directory, 'foreign'), join(directory, 'sink/a/_staging'));
    await symlink(join(directory, 'foreign/run/file'), join(directory, 'sink/a/link'));
    await symlink(join(directory, 'nowhere'), join(directory, 'sink/a/broken'));
    await symlink(join(directory, 'foreign'), join(directory, 'sink/b'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  test('lists no link, and nothing behind one', async () => {
    for (const recursive of [false, true]) {
      assert.deepEqual(
        (await Array.fromAsync(store.list('a', { recursive }))).map(({ path }) => path),
        ['a/own'],
      );
    }
    assert.deepEqual(
      (await Array.fromAsync(store.list(''))).map(({ path }) => path),
      ['a'],
    );
  });

  for (const path of ['a/link', 'a/broken', 'a/_staging', 'a/_staging/run', 'a/_staging/run/file', 'b', 'b/run/file']) {
    test(`fails at ${path}, whatever is asked, and touches nothing`, async () => {
      const refused = /(_staging|link|broken|sink.b) is a symbolic link/;
      const { etag } = (await store.stat('a/own')) ?? assert.fail();
      await assert.rejects(store.read(path), refused);
      await assert.rejects(store.readStream(path), refused);
      await assert.rejects(store.stat(path), refused);
      await assert.rejects(Array.fromAsync(store.list(path)), refused);
      await assert.rejects(Array.fromAsync(store.list(path, { recursive: true })), refused);
      await assert.rejects(store.create(path, chunks('x')), refused);
      await assert.rejects(store.replace(path, 'x', undefined, 'a/via'), refused);
      await assert.rejects(store.replace('a/w', 'x', undefined, path), refused);
      await assert.rejects(store.rename('a/own', path, etag), refused);
      await assert.rejects(store.rename(path, 'a/other', etag), refused);
      await assert.rejects(store.remove(path), refused);
      assert.deepEqual((await readdir(join(directory, 'sink/a'))).toSorted(), ['_staging', 'broken', 'link', 'own']);
      assert.deepEqual(await readdir(join(directory, 'foreign'), { recursive: true }), ['run', 'run/file']);
      assert.equal(await readFile(join(directory, 'foreign/run/file'), 'utf8'), 'foreign');
    });
  }

  test('takes nothing else either that is no file and no folder', async () => {
    const server = createServer().listen(join(directory, 'sink/a/socket'));
    await once(server, 'listening');
    try {
      assert.equal((await Array.fromAsync(store.list('a'))).length, 1);
      await assert.rejects(store.read('a/socket'), /neither a file nor a folder/);
      await assert.rejects(store.stat('a/socket'), /neither a file nor a folder/);
    } finally {
      server.close();
      await once(server, 'close');
    }
  });
});
