import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OversizeError } from '../src/core/logs.ts';
import {
  answer,
  brokenBody,
  gzipped,
  json,
  noAnswer,
  type Reply,
  startAnswerServer,
  text,
} from './support/answer-server.ts';
import { ask, refuseUnhandled, two, twoLines } from './support/logs-source.ts';

refuseUnhandled();

describe('an attempt that is worth another one', () => {
  const cases: [string, Reply][] = [
    ['429 with Retry-After', json(429, { error: { code: 'Throttled' } }, { 'retry-after': '0' })],
    ['429 without Retry-After', json(429, { error: { code: 'Throttled' } })],
    ['503 with Retry-After', text(503, 'busy', { 'retry-after': new Date(0).toUTCString() })],
    ['503 without Retry-After', text(503, '<html>busy</html>', { 'content-type': 'text/html' })],
    ['500', json(500, { error: { code: 'InternalServerError', message: 'oops' } })],
    ['502', text(502, '')],
    ['a connection reset before the headers', noAnswer],
    ['a connection reset in the body', brokenBody(two.slice(0, -30))],
    ['a body that ends too early', answer(two.slice(0, -1))],
    ['a compressed body that is cut', gzipped(two, 60)],
    ['the body of an error that is cut', gzipped('{"error":{"code":"InsufficientAccessError"}}', 30, 403)],
    ['an empty 200', answer('')],
  ];
  for (const [name, reply] of cases) {
    it(name, async () => {
      const server = await startAnswerServer(reply, answer(two));
      let retries = 0;
      const onRetry = () => {
        retries += 1;
      };
      const { answer: found, calls } = await ask(server, { onRetry });
      assert.equal(calls.at(-1), twoLines);
      assert.equal(retries, 1);
      assert.equal(found.rows, 2);
    });
  }

  it('a body that goes silent', async () => {
    const silent: Reply = (response) => void response.writeHead(200).write(two.slice(0, -30));
    const { calls } = await ask(await startAnswerServer(silent, answer(two)), {}, { idleMs: 200 });
    assert.equal(calls.at(-1), twoLines);
  });

  it('the service cannot be reached, and says so when it stays away', async () => {
    const server = await startAnswerServer();
    await server.close();
    await assert.rejects(
      ask(server),
      /cannot reach Logs at 127\.0\.0\.1:\d+: connect ECONNREFUSED.*correct LOGS_ENDPOINT/,
    );
  });

  it('is not made when the wait would outlast the query: throttling is not a reason to halve a window', async () => {
    const server = await startAnswerServer(json(429, { error: { code: 'Throttled' } }, { 'retry-after': '600' }));
    await assert.rejects(
      ask(server),
      (error: Error) => !(error instanceof OversizeError) && /throttling/.test(error.message),
    );
    assert.equal(server.requests.length, 1);
  });

  it('is not made for ever', async () => {
    const server = await startAnswerServer(...Array.from({ length: 6 }, () => text(429, '')));
    let retries = 0;
    const onRetry = () => {
      retries += 1;
    };
    await assert.rejects(ask(server, { onRetry }), /throttling: 429/);
    assert.equal(server.requests.length, 5);
    assert.equal(retries, 4);
  });
});
