import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createLock } from '../src/file/lock.ts';
import { createFileStore } from '../src/file/store.ts';
import { chunks, found } from './support/store-content.ts';
import { startScript } from './support/store-process.ts';

describe('the locks of a directory', () => {
  let directory: string;
  const started: ReturnType<typeof startScript>[] = [];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'monitorlift-lock-'));
  });
  afterEach(async () => {
    for (const { child } of started.splice(0)) child.kill('SIGKILL');
    await rm(directory, { recursive: true });
  });

  function startLocker(file: string) {
    const locker = startScript('store-locker.ts', file);
    started.push(locker);
    return locker;
  }

  /** A process that has the lock when this resolves. */
  async function locker(file: string) {
    const { child, lines, ended } = startLocker(file);
    assert.equal((await lines[Symbol.asyncIterator]().next()).value, 'locked');
    return { child, ended };
  }

  test('last as long as the process that has one lives', async () => {
    const file = join(directory, 'lock');
    const { child, ended } = await locker(file);
    let isLocked = true;
    const entered = createLock(file).hold(async () => isLocked);
    for (let turns = 0; turns < 100; turns++) await new Promise(setImmediate);
    isLocked = false;
    child.kill('SIGKILL');
    assert.equal(await entered, false, 'two had the lock');
    await ended;
    assert.deepEqual(await readdir(directory), ['lock']);
  });

  test('that a stopped process keeps are waited for with a bound, by everybody, and then free again', async () => {
    const file = join(directory, 'lock');
    const { child, ended } = await locker(file);
    child.kill('SIGSTOP');
    const lock = createLock(file, 50);
    const waits = await Promise.allSettled([1, 2, 3].map(() => lock.hold(async () => assert.fail('two had it'))));
    for (const wait of waits) {
      assert.equal(wait.status, 'rejected');
      assert.match(String(wait.reason), /Another process has kept the lock .*lock for 0.05 s.* paused/);
    }
    child.kill('SIGKILL');
    await ended;
    assert.equal(await lock.hold(async () => 'free'), 'free');
  });

  test('are given in the order of asking, one at a time, and go on after a failure', async () => {
    const lock = createLock(join(directory, 'lock'));
    const order: number[] = [];
    let inside = 0;
    const all = Array.from({ length: 20 }, (_, at) =>
      lock.hold(async () => {
        assert.equal(++inside, 1);
        await new Promise(setImmediate);
        order.push(at);
        inside--;
        if (at % 5 === 0) throw new Error('of the work');
      }),
    );
    const results = await Promise.allSettled(all);
    assert.deepEqual(order, [...order.keys()]);
    assert.equal(results.filter(({ status }) => status === 'rejected').length, 4);
  });

  test('reach another process though this one has a line that does not end', async () => {
    const file = join(directory, 'lock');
    const lock = createLock(file);
    const other = startLocker(file);
    let isTaken = false;
    const taken = once(other.lines, 'line').then(() => {
      isTaken = true;
      other.child.stdin.end('let go\n');
    });
    const line = async () => {
      for (let rounds = 0; !isTaken && rounds < 2000; rounds++) {
        await lock.hold(async () => {
          for (let turns = 0; turns < 200; turns++) await new Promise(setImmediate);
        });
      }
    };
    await Promise.all([line(), line(), line()]);
    assert.ok(isTaken, 'the other process never got it');
    await taken;
    await other.ended;
  });

  test('of one export hold up no other', async () => {
    const store = createFileStore(directory);
    await store.replace('a/w', 'one', undefined, 'a/via-1');
    const { child, ended } = await locker(join(directory, '_locks/a'));
    const waiting = store.replace('a/w', 'two', (await found(store, 'a/w')).etag, 'a/via-2');
    await store.replace('b/w', 'one', undefined, 'b/via-1');
    const staged = await store.create('b/s/1', chunks('x'));
    await store.rename('b/s/1', 'b/h/1', staged.etag);
    assert.equal((await store.read('a/w'))?.text, 'one');
    child.stdin.end('let go\n');
    await waiting;
    await ended;
    assert.equal((await store.read('a/w'))?.text, 'two');
  });

  for (const exports of [200, 600]) {
    test(`serve ${exports} exports that all write at once`, async () => {
      const store = createFileStore(directory);
      const write = async (name: string) => {
        await store.replace(`${name}/w`, 'one', undefined, `${name}/s/1`);
        await store.replace(`${name}/w`, 'two', (await found(store, `${name}/w`)).etag, `${name}/s/2`);
        const { etag } = await store.create(`${name}/s/3`, chunks('rows'));
        await store.rename(`${name}/s/3`, `${name}/part`, etag);
        return (await store.read(`${name}/w`))?.text;
      };
      const texts = await Promise.all(Array.from({ length: exports }, (_, at) => write(`export${at}`)));
      assert.deepEqual(new Set(texts), new Set(['two']));
    });
  }
});
