import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { createMemoryStore } from './support/memory-store.ts';
import { startReceiver } from './support/receiver.ts';
import { openScene, rowsOf } from './support/rest-scene.ts';

const OPEN = { authorization: undefined, audience: undefined, credential: undefined };
const HUSH = /hush/;

/** All that anyone could print of an error, its causes included. */
function checkError(error: unknown): void {
  const { stack } = error as Error;
  const text = [String(error), stack, JSON.stringify(error), inspect(error, { depth: 20, showHidden: true })].join(
    '\n',
  );
  assert.doesNotMatch(text, HUSH);
}

test('a redirection is refused, and nothing is sent elsewhere', async () => {
  await using elsewhere = await startReceiver();
  for (const status of [301, 302, 303, 307, 308]) {
    await using receiver = await startReceiver(() => ({ status, headers: { Location: elsewhere.url.href } }));
    const rest = { ...OPEN, url: receiver.url, authorization: 'Bearer hush' };
    const session = await openScene(createMemoryStore(), rest).commit([rowsOf(3)]);
    await assert.rejects(session.publish(), (error) => {
      assert.match(
        String(error),
        /answered ".*" with a redirection \(30\d\), which is not followed.*write the address/,
      );
      checkError(error);
      return true;
    });
    assert.equal(receiver.posts.length, 1);
  }
  assert.equal(elsewhere.posts.length, 0);
});

test('REST_AUTHORIZATION is sent as it is', async () => {
  await using receiver = await startReceiver();
  const rest = { ...OPEN, url: receiver.url, authorization: 'Basic aHVzaA==' };
  await (await openScene(createMemoryStore(), rest).commit([rowsOf(3)])).publish();
  assert.deepEqual(
    receiver.posts.map(({ headers }) => headers.authorization),
    ['Basic aHVzaA=='],
  );
});

test('a token for REST_AUDIENCE is asked for once, and again shortly before it ends', async () => {
  await using receiver = await startReceiver();
  const scopes: (string | string[])[] = [];
  let expiresOnTimestamp = Date.now() + 3_600_000;
  const credential = {
    async getToken(scope: string | string[]) {
      scopes.push(scope);
      return { token: `t${scopes.length}`, expiresOnTimestamp };
    },
  };
  const rest = { ...OPEN, url: receiver.url, audience: 'api://rows', credential };
  await (await openScene(createMemoryStore(), rest).commit([rowsOf(15, 100_000)])).publish();
  expiresOnTimestamp = Date.now() + 1000;
  await (await openScene(createMemoryStore(), rest).commit([rowsOf(15, 100_000)])).publish();
  assert.deepEqual(scopes, ['api://rows/.default', 'api://rows/.default', 'api://rows/.default']);
  assert.deepEqual(
    receiver.posts.map(({ headers }) => headers.authorization),
    ['Bearer t1', 'Bearer t1', 'Bearer t2', 'Bearer t3'],
  );
});

test('without a token nothing is sent, and check says so', async () => {
  await using receiver = await startReceiver();
  const credential = { getToken: () => Promise.reject(new Error('no identity here')) };
  const rest = { ...OPEN, url: receiver.url, audience: 'api://rows', credential };
  const scene = openScene(createMemoryStore(), rest);
  await assert.rejects(
    (await scene.commit([rowsOf(3)])).publish(),
    /REST_AUDIENCE: no token for api:\/\/rows\/\.default/,
  );
  const holder = { runId: 'check', log: { debug() {}, info() {}, warn() {}, error() {} } };
  await assert.rejects(scene.sink.prove('requests', holder), /REST_AUDIENCE: no token/);
  assert.equal(receiver.posts.length, 0);
});

test('no secret is in an error, although the answer repeats all that was sent', async () => {
  const echo = await startReceiver(({ headers, path }) => ({
    status: 400,
    body: `bad: ${headers.authorization} at ${path} or ${decodeURIComponent(path)}`,
  }));
  await using receiver = echo;
  const url = new URL(`${receiver.url}?code=hush%2Bcode&sig=hush-sig`);
  const credential = { getToken: async () => ({ token: 'hush-token', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
  const ways = [
    { ...OPEN, url, authorization: 'Bearer hush-bearer' },
    { ...OPEN, url, authorization: 'hush-key' },
    { ...OPEN, url, authorization: 'Digest username="a", response="hush-digest"' },
    { ...OPEN, url, audience: 'api://rows', credential },
    { ...OPEN, url: new URL('http://127.0.0.1:9/hush?code=hush'), authorization: 'Bearer hush' },
  ];
  for (const rest of ways) {
    const { commit, messages } = openScene(createMemoryStore(), rest);
    await assert.rejects((await commit([rowsOf(3)])).publish(), (error) => {
      checkError(error);
      assert.match(String(error), /refused ".*": 400: bad: |no answer/);
      return true;
    });
    assert.doesNotMatch(messages.join('\n'), HUSH);
  }
  assert.equal(receiver.posts.length, 4);
});

test('a signal reaches a credential that takes its time', { timeout: 10_000 }, async () => {
  await using receiver = await startReceiver();
  const stop = new AbortController();
  const credential = {
    getToken: (_: unknown, options?: { abortSignal?: object }) =>
      new Promise<never>((_, reject) => {
        (options?.abortSignal as AbortSignal | undefined)?.addEventListener('abort', () => reject(new Error('late')));
        setImmediate(() => stop.abort(new Error('stopped')));
      }),
  };
  const rest = { ...OPEN, url: receiver.url, audience: 'api://rows', credential };
  const session = await openScene(createMemoryStore(), rest).commit([rowsOf(3)], { signal: stop.signal });
  await assert.rejects(session.publish(), /stopped/);
  assert.equal(receiver.posts.length, 0);
});
