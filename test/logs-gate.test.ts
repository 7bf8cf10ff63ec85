import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLogs } from '../src/azure/logs/logs.ts';
import { OversizeError } from '../src/core/logs.ts';
import { type AnswerServer, answer, type Reply, startAnswerServer } from './support/answer-server.ts';
import { collector, queryOf, refuseUnhandled, two } from './support/logs-source.ts';

refuseUnhandled();

describe('several queries of one process', () => {
  const gatedAt = (server: AnswerServer, queriesAtOnce: number) =>
    createLogs({ endpoint: server.endpoint, credential: undefined, queriesAtOnce });

  it('wait in line for each other, first come, first served', async () => {
    const server = await startAnswerServer(answer(two), answer(two), answer(two));
    const logs = gatedAt(server, 1);
    const order: number[] = [];
    const queries = [1, 2, 3].map((number) =>
      logs.query(queryOf(), async (rows) => {
        assert.equal(server.requests.length, number, 'the next one is sent when this one has been received');
        await Array.fromAsync(rows.batches);
        order.push(number);
      }),
    );
    await Promise.all(queries);
    assert.deepEqual(order, [1, 2, 3]);
  });

  it('leave the line when they are aborted or late, and the others go on', async () => {
    const server = await startAnswerServer(answer(two), answer(two));
    const logs = gatedAt(server, 1);
    const stop = new AbortController();
    const { receive } = collector();
    const others: Promise<unknown>[] = [];
    await logs.query(queryOf(), async (rows) => {
      const aborted = logs.query(queryOf({ signal: stop.signal }), receive);
      const late = logs.query(queryOf({ timeoutMs: 1 }), receive);
      others.push(logs.query(queryOf(), receive));
      stop.abort(new Error('enough'));
      await assert.rejects(aborted, { message: 'enough' });
      await assert.rejects(late, /waited 1 ms for the other exports/);
      await receive(rows);
    });
    await Promise.all(others);
    assert.equal(server.requests.length, 2);
  });

  it('never count as too large for the time that they waited', async () => {
    const late: Reply = (response) => void setTimeout(() => response.writeHead(504).end(), 20);
    for (const [reply, message] of [
      [late, /took too long for Logs: 504; it had only \d+ ms left after earlier attempts and the line/],
      [() => undefined, /took longer than 1000 ms; it had only \d+ ms left after earlier attempts and the line/],
    ] as const) {
      const server = await startAnswerServer(answer(two), reply, answer(two));
      const logs = gatedAt(server, 1);
      let waiting: Promise<unknown> = Promise.resolve();
      await logs.query(queryOf(), async ({ batches }) => {
        waiting = logs.query(queryOf({ timeoutMs: 1000 }), collector().receive).then(
          () => assert.fail(),
          (error) => error,
        );
        await new Promise((resolve) => setTimeout(resolve, 600));
        await Array.fromAsync(batches);
      });
      const failure = await waiting;
      assert.ok(failure instanceof Error && !(failure instanceof OversizeError));
      assert.match(failure.message, message);
      assert.equal(server.requests.length, 2);
    }
  });
});
