import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { createLogs } from '../src/azure/logs/logs.ts';
import { answer, answerBody, startAnswerServer } from './support/answer-server.ts';
import { ask, collector, logsAt, queryOf, refuseUnhandled, two } from './support/logs-source.ts';

refuseUnhandled();

describe('an error of the receiver', () => {
  it('comes out as it is, without another attempt, and closes the connection', async () => {
    const closed = Promise.withResolvers<void>();
    const server = await startAnswerServer((response) => {
      response.on('close', closed.resolve);
      response.writeHead(200).write(two.slice(0, -2));
    });
    // An error of the store's SDK looks like one of this SDK, down to what may be tried again.
    const claims = 'Bearer error="insufficient_claims", claims="e30="';
    const response = { status: 401, headers: createHttpHeaders({ 'www-authenticate': claims }) };
    const failure = Object.assign(new Error('the disk is full'), { name: 'RestError', code: 'ECONNRESET', response });
    const query = logsAt(server).query(queryOf(), () => Promise.reject(failure));
    await assert.rejects(query, (error) => error === failure);
    await closed.promise;
    assert.equal(server.requests.length, 1);
  });

  it('comes out as it is behind the last row too', async () => {
    const server = await startAnswerServer(answer(two));
    const failure = new Error('flush failed');
    const query = logsAt(server).query(queryOf(), async (rows) => {
      await Array.fromAsync(rows.batches);
      throw failure;
    });
    await assert.rejects(query, (error) => error === failure);
  });

  it('comes out as it is when the query has timed out meanwhile', async () => {
    const server = await startAnswerServer(answer(two));
    const failure = new Error('flush failed');
    const query = logsAt(server).query(queryOf({ timeoutMs: 60 }), async (rows) => {
      await Array.fromAsync(rows.batches);
      await new Promise((resolve) => setTimeout(resolve, 80));
      throw failure;
    });
    await assert.rejects(query, (error) => error === failure);
  });

  it('is to stop before the end', async () => {
    const server = await startAnswerServer(answer(two));
    const query = logsAt(server).query(queryOf(), async ({ batches }) => {
      for await (const _ of batches) break;
    });
    await assert.rejects(query, /not read to their end/);
  });
});

describe('a signal', () => {
  const reason = new Error('stop');

  it('that is aborted already sends nothing', async () => {
    const server = await startAnswerServer();
    await assert.rejects(ask(server, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
    assert.equal(server.requests.length, 0);
  });

  it('reaches a request that waits for its headers', async () => {
    const arrived = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    const server = await startAnswerServer((response) => {
      response.on('close', closed.resolve);
      arrived.resolve();
    });
    const controller = new AbortController();
    const asked = ask(server, { signal: controller.signal });
    await arrived.promise;
    controller.abort(reason);
    await assert.rejects(asked, (error) => error === reason);
    await closed.promise;
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  });

  it('reaches a body in flight, and waits for the receiver', async () => {
    const large = answerBody(
      ['A:string'],
      Array.from({ length: 5000 }, () => ['x'.repeat(100)]),
    );
    const server = await startAnswerServer((response) => void response.writeHead(200).write(large.slice(0, -2)));
    const controller = new AbortController();
    const steps: string[] = [];
    const asked = logsAt(server).query(queryOf({ signal: controller.signal }), async (rows) => {
      try {
        for await (const _ of rows.batches) controller.abort(reason);
      } catch (error) {
        assert.equal(error, reason);
        await new Promise(setImmediate);
        steps.push('cleaned up');
        throw error;
      }
    });
    await assert.rejects(asked, (error) => error === reason);
    assert.deepEqual(steps, ['cleaned up']);
  });

  it('reaches a wait between attempts', async () => {
    const answered = Promise.withResolvers<void>();
    const server = await startAnswerServer((response) => {
      response.on('finish', answered.resolve);
      response.writeHead(429, { 'retry-after': '30' }).end();
    });
    const controller = new AbortController();
    const asked = ask(server, { signal: controller.signal });
    await answered.promise;
    controller.abort(reason);
    await assert.rejects(asked, (error) => error === reason);
    assert.equal(server.requests.length, 1);
  });

  it('reaches a credential that does not listen to it', async () => {
    const server = await startAnswerServer();
    const called = Promise.withResolvers<void>();
    const credential = {
      getToken: () => {
        called.resolve();
        return new Promise<null>(() => undefined);
      },
    };
    const logs = createLogs({ endpoint: server.endpoint, credential });
    const controller = new AbortController();
    const asked = logs.query(queryOf({ signal: controller.signal }), collector().receive);
    await called.promise;
    controller.abort(reason);
    await assert.rejects(asked, (error) => error === reason);
  });
});
