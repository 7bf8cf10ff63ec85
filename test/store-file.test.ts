import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { ConflictError } from '../src/core/lake/store.ts';
import { withLock } from '../src/file/lock.ts';
import { createFileStore } from '../src/file/store.ts';

describe('a directory as a store', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'monitorlift-file-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  test('loses no update of processes that race and are killed', async () => {
    const said: string[] = [];
    const writer = async (name: string, killAfter: number) => {
      const { child, lines, ended } = start('store-writer.ts', directory, name, '12');
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

  test('is locked as long as the process that locked it lives', async () => {
    const file = join(directory, '_lock');
    const { child, lines, ended } = start('store-locker.ts', file);
    assert.equal((await lines[Symbol.asyncIterator]().next()).value, 'locked');
    let isLocked = true;
    const entered = withLock(file, async () => isLocked);
    for (let turns = 0; turns < 100; turns++) await new Promise(setImmediate);
    isLocked = false;
    child.kill('SIGKILL');
    assert.equal(await entered, false, 'two had the lock');
    await ended;
    assert.deepEqual(await readdir(directory), ['_lock']);
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
      await assert.rejects(store.stat(path), refused);
      await assert.rejects(store.remove(path), refused);
      await assert.rejects(store.create(path, none()), refused);
      await assert.rejects(store.replace(path, 'x', undefined, 'via'), refused);
      await assert.rejects(store.replace('w', 'x', undefined, path), refused);
      await assert.rejects(store.rename(path, 'b', ''), refused);
      await assert.rejects(Array.fromAsync(store.list(path)), refused);
    }
    assert.equal(await readFile(join(directory, 'secret'), 'utf8'), 'x');
  });

  test('never gives two versions of a file the same time, though the clock goes back', async () => {
    const store = createFileStore(directory);
    await store.replace('w', 'one', undefined, 'via');
    await utimes(join(directory, 'w'), 1_900_000_000, 1_900_000_000);
    const one = await store.read('w');
    await store.replace('w', 'two', one?.etag, 'via');
    const two = await store.read('w');
    assert.equal(two?.text, 'two');
    assert.ok((two?.modifiedMs ?? 0) > (one?.modifiedMs ?? 0));
    await assert.rejects(store.replace('w', 'six', one?.etag, 'via'), ConflictError);
  });

  test('says which file could not be written', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    await assert.rejects(createFileStore(directory).create('file/x', none()), (error: NodeJS.ErrnoException) =>
      error.message.includes(file),
    );
  });
});

function start(script: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'support', script), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return { child, lines: createInterface({ input: child.stdout }), ended: once(child, 'close') };
}

async function* none(): AsyncGenerator<Uint8Array> {}
