import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { ConflictError, NotSentError } from '../src/core/lake/store.ts';
import { explained } from '../src/file/error.ts';
import { createFileStore } from '../src/file/store.ts';
import { chunks, found } from './support/store-content.ts';
import { startScript } from './support/store-process.ts';

describe('a directory as a store', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'monitorlift-file-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  test('says that a folder cannot be made, wherever that is', async () => {
    await writeFile(join(directory, 'file'), '');
    for (const root of ['/proc/1/none', join(directory, 'file')]) {
      const create = createFileStore(root).create('a/b/c', chunks('x'));
      await assert.rejects(create, /Cannot make the folder of .*c \((ENOENT|EEXIST|EACCES|EPERM)\)/);
    }
  });

  test('loses no update of processes that race and are killed', async () => {
    const said: string[] = [];
    const writer = async (name: string, killAfter: number) => {
      const { child, lines, ended } = startScript('store-writer.ts', directory, name, '12');
      let written = 0;
      for await (const token of lines) {
        said.push(token);
        if (++written === killAfter) child.kill('SIGKILL');
      }
      await ended;
      assert.ok(killAfter < 12 || child.exitCode === 0, `${name} ended with ${child.exitCode}`);
    };
    // Each of the first three is killed twice, at whatever point of its next update it is.
    const killed = ['a', 'b', 'c'].map(async (name) => {
      await writer(`${name}1`, 3);
      await writer(`${name}2`, 5);
      await writer(`${name}3`, Number.POSITIVE_INFINITY);
    });
    await Promise.all([...killed, writer('d', Number.POSITIVE_INFINITY)]);

    const tokens = (await readFile(join(directory, 'tokens'), 'utf8')).trimEnd().split('\n');
    assert.equal(new Set(tokens).size, tokens.length, 'an update was made twice');
    assert.deepEqual(
      said.filter((token) => !tokens.includes(token)),
      [],
      'an update was lost',
    );
    // A process can be killed between an update and saying so.
    assert.ok(tokens.length <= said.length + 6, `${tokens.length} updates, ${said.length} said`);
  });

  test('refuses paths that are not plainly inside it', async () => {
    const store = createFileStore(join(directory, 'sink'));
    await mkdir(join(directory, 'sink'));
    await writeFile(join(directory, 'secret'), 'x');
    for (const path of [
      '../secret',
      'a/../../secret',
      'a/..',
      '/etc/passwd',
      './a',
      'a//b',
      'a/',
      join(directory, 'secret'),
    ]) {
      const refused = /is not a path inside/;
      await assert.rejects(store.read(path), refused);
      await assert.rejects(store.readStream(path), refused);
      await assert.rejects(store.stat(path), refused);
      await assert.rejects(store.remove(path), refused);
      await assert.rejects(store.create(path, chunks()), refused);
      await assert.rejects(store.replace(path, 'x', undefined, 'via'), refused);
      await assert.rejects(store.replace('w', 'x', undefined, path), refused);
      await assert.rejects(store.rename(path, 'b', ''), refused);
      await assert.rejects(Array.fromAsync(store.list(path)), refused);
    }
    assert.equal(await readFile(join(directory, 'secret'), 'utf8'), 'x');
  });

  test('may be named by a link itself', async () => {
    await mkdir(join(directory, 'real'));
    await symlink(join(directory, 'real'), join(directory, 'sink'));
    const store = createFileStore(join(directory, 'sink'));
    await store.replace('a/w', 'one', undefined, 'a/via');
    assert.equal(await readFile(join(directory, 'real/a/w'), 'utf8'), 'one');
    assert.equal((await Array.fromAsync(store.list(''))).length, 1);
  });

  describe('has ETags', () => {
    test('that differ for each version though all file times are the same', async () => {
      const store = createFileStore(directory);
      const etags = new Set<string | undefined>([undefined]);
      let etag: string | undefined;
      for (let version = 100; version < 150; version++) {
        const stale = etag;
        await store.replace('w', `{"commit":${version}}`, etag, `via-${version}`);
        await utimes(join(directory, 'w'), 1_900_000_000, 1_900_000_000);
        etag = (await found(store, 'w')).etag;
        etags.add(etag);
        await assert.rejects(store.replace('w', '{"commit":999}', stale, `stale-${version}`), ConflictError);
      }
      assert.equal(etags.size, 51);
    });

    test('that survive a copy of the directory, and whatever sets file times', async () => {
      const before = createFileStore(join(directory, 'before'));
      const watermark = 'requests/_watermark.json';
      await before.replace(watermark, 'one', undefined, 'requests/_staging/via');
      const staged = await before.create('requests/_staging/1/1.staged', chunks('rows'));
      const { etag } = await found(before, watermark);

      await cp(join(directory, 'before'), join(directory, 'after'), { recursive: true, preserveTimestamps: true });
      const after = createFileStore(join(directory, 'after'));
      await utimes(join(directory, 'after/requests/_staging/1/1.staged'), 0, 0);
      await utimes(join(directory, 'after', watermark), 0, 0);
      assert.equal((await found(after, 'requests/_staging/1/1.staged')).etag, staged.etag);
      await after.rename('requests/_staging/1/1.staged', 'requests/y=2026/part', staged.etag);
      await after.replace(watermark, 'two', etag, 'requests/_staging/via2');
      assert.equal((await after.read(watermark))?.text, 'two');
    });

    test('that tell another file of the same name and size', async () => {
      const store = createFileStore(directory);
      const { etag } = await store.create('a/s/1', chunks('rows'));
      await writeFile(join(directory, 'a/s/1'), 'ROWS');
      await assert.rejects(store.rename('a/s/1', 'a/part', etag), /expected ETag/);
      assert.equal(await store.stat('a/part'), undefined);
    });
  });

  describe('says what failed where, and what to do', () => {
    for (const [code, advice] of [
      ['ENOSPC', /disk is full/],
      ['EDQUOT', /quota/],
      ['EACCES', /permissions/],
      ['EROFS', /read-only/],
      ['EMFILE', /ulimit/],
      ['EOTHER', /: of the system/],
    ] as const) {
      test(`about ${code}`, async () => {
        const cause = Object.assign(new Error(`${code}: of the system`), { code, syscall: 'write' });
        await assert.rejects(explained('write', '/sink/a', Promise.reject(cause)), (error: Error) => {
          assert.match(error.message, new RegExp(`^Cannot write /sink/a \\(${code}\\)\\. `));
          assert.match(error.message, advice);
          assert.equal(error.cause, cause);
          return true;
        });
      });
    }

    test('about a file where a folder should be', async () => {
      await writeFile(join(directory, 'file'), '');
      const store = createFileStore(directory);
      await assert.rejects(store.create('file/x', chunks()), /Cannot make the folder of .*file.x .*file is where/);
      await assert.rejects(createFileStore(join(directory, 'file')).replace('a/w', 'x', undefined, 'a/via'), /file/);
    });

    test('about locks that cannot be had, and leaves nothing', async () => {
      await writeFile(join(directory, '_locks'), '');
      await assert.rejects(createFileStore(directory).replace('a/w', 'x', undefined, 'a/via'), (error: Error) => {
        assert.ok(error instanceof NotSentError);
        assert.match(error.message, /a.w stays as it is: Cannot make .*_locks \(EEXIST\)/);
        return true;
      });
      await rm(join(directory, '_locks'));
      await mkdir(join(directory, '_locks/a'), { recursive: true });
      const store = createFileStore(directory);
      await assert.rejects(store.replace('a/w', 'x', undefined, 'a/via'), /Cannot open the lock .*_locks.a \(SQLite: /);
      assert.deepEqual(await Array.fromAsync(store.list('a')), []);
    });
  });
});
