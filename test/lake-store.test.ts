import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createLakeStore } from '../src/azure/lake/store.ts';
import { ExistsError, NotSentError } from '../src/core/lake/store.ts';
import { type Lake, startLake } from '../src/local/lake/lake.ts';
import { type CounterOptions, countRequests } from './support/lake-counter.ts';
import { chunks, each, listed, oddChunks } from './support/store-content.ts';

describe('a store in a lake', () => {
  let lake: Lake;
  let fileSystem = '';
  let made = 0;
  before(async () => {
    lake = await startLake();
  });
  after(() => lake.close());
  beforeEach(async () => {
    fileSystem = `files-${++made}`;
    await lake.createFileSystem(fileSystem);
  });

  type Counted = Awaited<ReturnType<typeof countRequests>>;
  async function counting(options: CounterOptions, check: (counted: Counted) => Promise<void>) {
    const counted = await countRequests(lake.url(fileSystem), options);
    try {
      await check(counted);
    } finally {
      counted.close();
    }
  }

  for (const recursive of [false, true]) {
    test(`lists page by page${recursive ? ', recursively' : ''}`, () =>
      counting({ pageSize: 2 }, async (counted) => {
        const store = createLakeStore(counted.url, undefined);
        const names = ['1', '2', '3', '4', '5'].map((name) => `e/${name}`);
        for (const name of names) await store.create(name, chunks('x'));
        counted.take();
        assert.deepEqual(
          (await listed(store, 'e', recursive)).map(({ path }) => path),
          names,
        );
        assert.deepEqual(counted.take(), ['GET filesystem', 'GET filesystem', 'GET filesystem']);
      }));
  }

  test('needs few requests', () =>
    counting({}, async (counted) => {
      const store = createLakeStore(counted.url, undefined);
      const staged = await store.create('e/s/1', content(1000));
      assert.deepEqual(counted.take(), ['PUT file', 'PATCH append']);
      await store.create('e/s/2', content(9 * 1024 * 1024));
      assert.deepEqual(counted.take(), ['PUT file', 'PATCH append', 'PATCH append', 'PATCH append']);
      await store.rename('e/s/1', 'e/h/1', staged.etag);
      assert.deepEqual(counted.take(), ['PUT directory', 'PUT rename']);
      const again = await store.create('e/s/3', content(4 * 1024 * 1024));
      assert.deepEqual(counted.take(), ['PUT file', 'PATCH append']);
      await store.rename('e/s/3', 'e/h/3', again.etag);
      assert.deepEqual(counted.take(), ['PUT rename']);
      await store.replace('e/w', 'text', undefined, 'e/s/4');
      assert.deepEqual(counted.take(), ['PUT file', 'PATCH append', 'PUT rename']);
      await store.read('e/w');
      assert.deepEqual(counted.take(), ['GET']);
      await Array.fromAsync((await store.readStream('e/s/2')) ?? assert.fail());
      assert.deepEqual(counted.take(), ['GET']);
      await Array.fromAsync(store.list('e', { recursive: true }));
      assert.deepEqual(counted.take(), ['GET filesystem']);
    }));

  test('closes the connection of a stream whose reader stops', () =>
    counting({}, async (counted) => {
      const store = createLakeStore(counted.url, undefined);
      await store.create('big', each(oddChunks(300)));
      const open = counted.connections();
      for (let times = 0; times < 10; times++) {
        for await (const _ of (await store.readStream('big')) ?? assert.fail()) break;
      }
      await store.read('big');
      assert.ok(counted.connections() <= open + 2, `${counted.connections()} connections are open`);
    }));

  describe('looks when the reply is lost', () => {
    for (const [what, bytes, lost] of [
      ['the only append', 10, [1]],
      ['the last of several appends', 9 * 1024 * 1024, [3]],
      ['an append in between', 9 * 1024 * 1024, [2]],
      ['the last append, twice', 10, [1, 2]],
    ] as const) {
      test(`to ${what}`, () => {
        let appends = 0;
        const losesReply = (label: string) =>
          label === 'PATCH append' && (lost as readonly number[]).includes(++appends);
        return counting({ losesReply }, async (counted) => {
          const store = createLakeStore(counted.url, undefined);
          const staged = await store.create('e/s/1', content(bytes));
          assert.deepEqual(staged, { bytes, etag: (await store.stat('e/s/1'))?.etag });
          assert.equal((await store.read('e/s/1'))?.text, 'x'.repeat(bytes));
          await store.rename('e/s/1', 'e/h/1', staged.etag);
        });
      });
    }

    test('to the appends of a watermark', () => {
      let appends = 0;
      return counting({ losesReply: (label) => label === 'PATCH append' && ++appends === 1 }, async (counted) => {
        const store = createLakeStore(counted.url, undefined);
        await store.replace('e/w', 'one', undefined, 'e/s/1');
        assert.equal((await store.read('e/w'))?.text, 'one');
      });
    });
  });

  test('says that nothing was sent when the reply to its first create is lost, and what it left can be removed', () => {
    let creates = 0;
    return counting({ losesReply: (label) => label === 'PUT file' && ++creates === 1 }, async (counted) => {
      const store = createLakeStore(counted.url, undefined);
      await assert.rejects(store.replace('e/w', 'one', undefined, 'e/s/1'), (error: Error) => {
        assert.ok(error instanceof NotSentError);
        assert.ok(error.cause instanceof ExistsError);
        assert.match(error.message, /e.w stays as it is: Something is at .*e.s.1 already/);
        return true;
      });
      assert.equal(await store.stat('e/w'), undefined);
      assert.equal((await store.stat('e/s/1'))?.bytes, 0);
      await store.remove('e/s/1');
      await store.replace('e/w', 'one', undefined, 'e/s/2');
      assert.deepEqual(await listed(store, 'e/s'), []);
    });
  });

  test('does not say so when the reply to its rename is lost', () => {
    let renames = 0;
    return counting({ losesReply: (label) => label === 'PUT rename' && ++renames === 1 }, async (counted) => {
      const store = createLakeStore(counted.url, undefined);
      await assert.rejects(
        store.replace('e/w', 'one', undefined, 'e/s/1'),
        (error) => !(error instanceof NotSentError),
      );
      assert.equal((await store.read('e/w'))?.text, 'one');
    });
  });

  test('on loopback is never asked through a proxy, which others are', async () => {
    const asked: string[] = [];
    const proxy = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        asked.push(data.toString().split('\r\n', 1).join());
        socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
      });
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const address = proxy.address();
    const url = `http://user:pass@127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    try {
      for (const name of ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'https_proxy', 'http_proxy']) {
        const before = process.env[name];
        process.env[name] = url;
        try {
          const store = createLakeStore(new URL(lake.url(fileSystem)), undefined);
          await store.replace('e/w', name, (await store.stat('e/w'))?.etag, `e/s/${name}`);
          assert.equal((await store.read('e/w'))?.text, name);
          assert.equal((await Array.fromAsync((await store.readStream('e/w')) ?? [])).length, 1);
          assert.deepEqual(asked, []);
          const credential = { getToken: async () => ({ token: 'x', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
          const far = createLakeStore(new URL('https://account.dfs.core.windows.net/files'), credential);
          await assert.rejects(far.read('a'), /\(403\)\. The service gives a code with every 403/);
          assert.match(asked.splice(0).join(), /^CONNECT account\.blob\.core\.windows\.net:443/);
        } finally {
          if (before === undefined) delete process.env[name];
          else process.env[name] = before;
        }
      }
    } finally {
      proxy.close();
    }
  });
});

async function* content(bytes: number): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(bytes, 'x');
}
