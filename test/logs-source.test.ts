import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { createLogs } from '../src/azure/logs/logs.ts';
import { type Logs, NoItemIdError, OversizeError, type Query } from '../src/core/logs.ts';
import {
  type AnswerServer,
  answer,
  answerBody,
  brokenBody,
  gzipped,
  json,
  noAnswer,
  type Reply,
  startAnswerServer,
  text,
} from './support/answer-server.ts';

const workspaceId = '5b4c1f5e-0d3c-4a8f-8f0e-0a6b2c1d3e4f';
const two = answerBody(
  ['Name:string', 'Count:long'],
  [
    ['a', 1],
    ['b', 2],
  ],
);
const twoLines = '{"Name":"a","Count":1}\n{"Name":"b","Count":2}\n';

function logsAt(server: { endpoint: URL }, attempts = 5): Logs {
  return createLogs({ endpoint: server.endpoint, workspaceId, credential: undefined, retry: { attempts, delayMs: 1 } });
}

function queryOf(change: Partial<Query> = {}): Query {
  const startMs = Date.parse('2026-11-22T14:00:00Z');
  const timespan = { startMs, endMs: startMs + 60_000 };
  return { kql: 'AppRequests', timespan, timeoutMs: 60_000, signal: new AbortController().signal, ...change };
}

/** Collects the lines of each call of `receive`. */
function collector() {
  const calls: string[] = [];
  const receive = async (lines: AsyncIterable<Uint8Array>) => {
    const call = calls.push('') - 1;
    for await (const chunk of lines) calls[call] += Buffer.from(chunk).toString();
  };
  return { calls, receive };
}

async function ask(server: AnswerServer, change: Partial<Query> = {}) {
  const { calls, receive } = collector();
  return { answer: await logsAt(server).query(queryOf(change), receive), calls };
}

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => void unhandled.push(reason);
beforeEach(() => void process.on('unhandledRejection', onUnhandled));
afterEach(async () => {
  await new Promise(setImmediate);
  process.off('unhandledRejection', onUnhandled);
  assert.deepEqual(unhandled.splice(0), []);
});

describe('a query that is answered', () => {
  it('gives the rows as lines, and what the answer was', async () => {
    const server = await startAnswerServer(answer(two, { date: 'Sun, 22 Nov 2026 14:05:00 GMT' }));
    const { answer: found, calls } = await ask(server);
    assert.deepEqual(calls, [twoLines]);
    const { asOfMs, ...rest } = found;
    assert.deepEqual(rest, { columns: ['Name', 'Count'], rows: 2, bytes: two.length });
    const date = Date.parse('2026-11-22T14:05:00Z');
    assert.ok(asOfMs !== undefined && asOfMs <= date && asOfMs > date - 60_000);
  });

  it('asks as the service wants to be asked', async () => {
    const server = await startAnswerServer(answer(two));
    await ask(server, { kql: 'AppTraces | where Message == "\u00e9"' });
    const request = server.requests[0];
    assert.equal(request?.url, `/v1/workspaces/${workspaceId}/query`);
    assert.deepEqual(JSON.parse(request?.body ?? ''), {
      query: 'AppTraces | where Message == "\u00e9"',
      timespan: '2026-11-22T14:00:00.000Z/2026-11-22T14:01:00.000Z',
    });
    assert.equal(request?.headers['cache-control'], 'no-cache');
    assert.equal(request?.headers.prefer, 'wait=60');
    assert.equal(request?.headers['accept-encoding'], 'gzip');
    assert.equal(request?.headers.authorization, 'Bearer emulator');
  });

  it('never asks the service to wait for longer than its limit', async () => {
    const server = await startAnswerServer(answer(two), answer(two));
    await ask(server, { timeoutMs: 3_600_000 });
    await ask(server, { timeoutMs: 900 });
    assert.deepEqual(
      server.requests.map((request) => request.headers.prefer),
      ['wait=600', 'wait=1'],
    );
  });

  it('may be compressed', async () => {
    const server = await startAnswerServer(gzipped(two));
    const { answer: found, calls } = await ask(server);
    assert.deepEqual(calls, [twoLines]);
    assert.equal(found.bytes, two.length);
  });

  it('may have no rows', async () => {
    const server = await startAnswerServer(answer(answerBody(['Name:string'], [])));
    const { answer: found, calls } = await ask(server);
    assert.deepEqual(calls, ['']);
    assert.equal(found.rows, 0);
  });

  it('has no asOfMs without a Date', async () => {
    const server = await startAnswerServer((response) => {
      response.sendDate = false;
      response.end(two);
    });
    assert.equal((await ask(server)).answer.asOfMs, undefined);
  });

  it('may come with warnings: severity 3 leaves the rows whole', async () => {
    const innererror = { code: '-1', message: 'a column is null', severity: 3, severityName: 'Warning' };
    const error = {
      code: 'PartialError',
      message: 'warnings',
      details: [{ code: 'EngineError', message: '', innererror }],
    };
    const server = await startAnswerServer(answer(answerBody(['A:long'], [[1]], error)));
    assert.deepEqual((await ask(server)).calls, ['{"A":1}\n']);
  });

  it('does not disturb another one at the same time', async () => {
    const other = answerBody(['Other:long'], [[3]]);
    const server = await startAnswerServer(answer(two), answer(other));
    const logs = logsAt(server);
    const collectors = [collector(), collector()];
    await Promise.all(collectors.map(({ receive }) => logs.query(queryOf(), receive)));
    assert.deepEqual(collectors.map(({ calls }) => calls[0]).sort(), [twoLines, '{"Other":3}\n']);
  });
});

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

  it('the service cannot be reached, and says so when it stays away', async () => {
    const server = await startAnswerServer();
    await server.close();
    await assert.rejects(ask(server), /cannot reach Logs at 127\.0\.0\.1:\d+: connect ECONNREFUSED/);
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

describe('an answer that a smaller window may avoid', () => {
  const tooLarge = {
    code: '-2133196797',
    message: 'Query result set has exceeded (E_QUERY_RESULT_SET_TOO_LARGE)',
    severity: 2,
  };
  const partial = (innererror: unknown) =>
    answer(
      answerBody(['A:long'], [[1], [2]], {
        code: 'PartialError',
        message: 'There were some errors',
        details: [{ code: 'EngineError', message: 'Something went wrong', innererror }],
      }),
    );
  const cases: [string, Reply[]][] = [
    ['a result cut at a limit', [partial(tooLarge)]],
    ['a result cut at a limit, nested deeper', [partial({ code: 'X', message: '', innererror: tooLarge })]],
    [
      'a result cut at a limit, known by its code alone',
      [partial({ code: -2133196797, message: 'anything', severity: 3 })],
    ],
    ['a runaway query', [partial({ code: '-2133196799', message: 'Runaway query (E_RUNAWAY_QUERY)', severity: 2 })]],
    ['low memory', [partial({ code: 'x', message: 'lacks memory (E_LOW_MEMORY_CONDITION)', severity: 2 })]],
    [
      'low memory as a status',
      [json(500, { error: { code: 'x', message: 'y', innererror: { code: 'z', message: 'E_LOW_MEMORY_CONDITION' } } })],
    ],
    [
      'a runaway query as a status',
      [json(400, { error: { code: 'BadArgumentError', innererror: { code: 'z', message: 'E_RUNAWAY_QUERY' } } })],
    ],
    [
      '504 with an HTML body',
      [text(504, '<html><body>Gateway time-out</body></html>', { 'content-type': 'text/html' })],
    ],
    ['a body that broke three times', [brokenBody(two.slice(0, -30)), answer(two.slice(0, 90)), gzipped(two, 60)]],
  ];
  for (const [name, replies] of cases) {
    it(name, async () => {
      const server = await startAnswerServer(...replies, answer(two));
      await assert.rejects(ask(server), OversizeError);
      assert.equal(server.requests.length, replies.length);
    });
  }

  it('says how much of it had come', async () => {
    const server = await startAnswerServer(partial(tooLarge));
    const { calls, receive } = collector();
    const error = await logsAt(server)
      .query(queryOf(), receive)
      .catch((error) => error);
    assert.ok(error instanceof OversizeError);
    assert.equal(error.rows, 2);
    assert.ok(error.bytes > 200);
    assert.match(error.message, /PartialError \/ EngineError \/ -2133196797: Query result set has exceeded/);
    assert.deepEqual(calls, ['{"A":1}\n{"A":2}\n']);
  });

  it('may say so behind a hundred megabytes of rows', async () => {
    const beginning = answerBody(['A:long', 'B:string'], [[0, '']]).slice(0, -4);
    const rows = Buffer.from(`,[12345,"${'x'.repeat(1000)}"]`.repeat(1000));
    const error = JSON.stringify({ code: 'PartialError', details: [{ code: 'EngineError', innererror: tooLarge }] });
    const server = await startAnswerServer((response) =>
      pipeline(function* () {
        yield beginning;
        for (let i = 0; i < 100; i += 1) yield rows;
        yield `]}],"error":${error}}`;
      }, response),
    );
    let lines = 0;
    const query = logsAt(server).query(queryOf(), async (chunks) => {
      for await (const chunk of chunks) lines += chunk.filter((byte) => byte === 0x0a).length;
    });
    const found = await query.catch((error) => error);
    assert.ok(found instanceof OversizeError);
    assert.equal(found.rows, 100_001);
    assert.equal(lines, 100_001);
    assert.ok(found.bytes > 100_000_000);
  });

  it('throws its error out of the lines, behind the last row', async () => {
    const server = await startAnswerServer(partial(tooLarge));
    let seen: unknown;
    await assert.rejects(
      logsAt(server).query(queryOf(), async (lines) => {
        try {
          await Array.fromAsync(lines);
        } catch (error) {
          seen = error;
        }
      }),
      (error) => error === seen && error instanceof OversizeError,
    );
  });

  it('is one that takes longer than the query may', async () => {
    const server = await startAnswerServer(() => undefined);
    await assert.rejects(ask(server, { timeoutMs: 50 }), OversizeError);
  });

  it('is one whose body takes longer than the query may', async () => {
    const server = await startAnswerServer((response) => void response.writeHead(200).write(two.slice(0, 110)));
    const error = await ask(server, { timeoutMs: 100 }).catch((error) => error);
    assert.ok(error instanceof OversizeError);
    assert.equal(error.bytes, 110);
  });
});

describe('an answer that fails the run', () => {
  const partial = {
    code: 'PartialError',
    message: 'outer',
    details: [
      {
        code: 'EngineError',
        message: 'middle',
        innererror: { code: '-2146233088', message: 'the extent is gone', severity: 2 },
      },
    ],
  };
  const cases: [string, Reply, RegExp][] = [
    [
      'another partial error',
      answer(answerBody(['A:long'], [[1]], partial)),
      /PartialError \/ EngineError \/ -2146233088: the extent is gone/,
    ],
    ['an error without severities', answer(answerBody(['A:long'], [[1]], { code: 'X', message: 'y' })), /X: y/],
    ['an error without tables', answer('{"error":{"code":"X","message":"y"}}'), /X: y/],
    ['204', text(204, ''), /Logs answered 204, expected 200/],
    [
      'HTML',
      text(200, '<html>Log in</html>', { 'content-type': 'text/html' }),
      /Logs at 127.*malformed, byte 0: found <, expected \{/,
    ],
    ['malformed JSON', answer(two.replace('"b",2', '"b",2x')), /row 2, column "Count" \(2 of 2\): found x/],
    [
      '400',
      json(400, {
        error: {
          code: 'BadArgumentError',
          message: 'outer',
          innererror: {
            code: 'SyntaxError',
            message: 'A recognition error',
            innererror: { code: 'SYN0002', message: "could not parse 'x'" },
          },
        },
      }),
      /refused the query: 400, BadArgumentError \/ SyntaxError \/ SYN0002: could not parse 'x'/,
    ],
    [
      '401',
      json(401, { error: { code: 'InvalidTokenError', message: 'expired' } }),
      /Grant this identity the role Log Analytics Data Reader/,
    ],
    ['401 with HTML', text(401, '<html>no</html>', { 'www-authenticate': 'Bearer' }), /401, : no\. Grant/],
    [
      '403',
      json(403, { error: { code: 'InsufficientAccessError', message: 'no access' } }),
      /403, InsufficientAccessError: no access\. Grant.*can take up to an hour/,
    ],
    [
      '403, compressed',
      gzipped(JSON.stringify({ error: { code: 'InsufficientAccessError', message: 'no access' } }), undefined, 403),
      /403, InsufficientAccessError: no access\. Grant/,
    ],
    [
      '404',
      json(404, { error: { code: 'WorkspaceNotFoundError', message: 'no such' } }),
      /APPINSIGHTS_WORKSPACE_ID must be the Workspace ID \(a GUID\)/,
    ],
    [
      'a table of the Basic plan',
      json(400, {
        error: {
          code: 'BadArgumentError',
          innererror: {
            code: 'UnsupportedApiQueryValidationError',
            message: 'Query of Basic Logs table is not supported with the API',
          },
        },
      }),
      /Basic and Auxiliary plans need another API/,
    ],
  ];
  for (const [name, reply, message] of cases) {
    it(name, async () => {
      const server = await startAnswerServer(reply);
      await assert.rejects(ask(server), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(!(error instanceof OversizeError) && !(error instanceof NoItemIdError));
        return true;
      });
      assert.equal(server.requests.length, 1);
    });
  }

  it('an empty 200, after three attempts', async () => {
    const server = await startAnswerServer(answer(''), answer(''), answer(''));
    await assert.rejects(
      ask(server),
      (error) => !(error instanceof OversizeError) && /broke 3 times, last after 0 rows/.test(String(error)),
    );
  });

  it('no token', async () => {
    const server = await startAnswerServer();
    const credential = { getToken: () => Promise.reject(new Error('az login first')) };
    const logs = createLogs({ endpoint: server.endpoint, workspaceId, credential });
    await assert.rejects(
      logs.query(queryOf(), collector().receive),
      /no token for http:\/\/127.*\/\.default: az login first/,
    );
  });
});

it('a table without _ItemId has an error of its own', async () => {
  const message = "'extend' operator: Failed to resolve scalar expression named '_ItemId'";
  const innererror = {
    code: 'SemanticError',
    message: 'A semantic error occurred.',
    innererror: { code: 'SEM0100', message },
  };
  const server = await startAnswerServer(json(400, { error: { code: 'BadArgumentError', message: '', innererror } }));
  await assert.rejects(ask(server), NoItemIdError);
});

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
    const query = logsAt(server).query(queryOf(), async (lines) => {
      await Array.fromAsync(lines);
      throw failure;
    });
    await assert.rejects(query, (error) => error === failure);
  });

  it('comes out as it is when the query has timed out meanwhile', async () => {
    const server = await startAnswerServer(answer(two));
    const failure = new Error('flush failed');
    const query = logsAt(server).query(queryOf({ timeoutMs: 60 }), async (lines) => {
      await Array.fromAsync(lines);
      await new Promise((resolve) => setTimeout(resolve, 80));
      throw failure;
    });
    await assert.rejects(query, (error) => error === failure);
  });

  it('is to stop before the end', async () => {
    const server = await startAnswerServer(answer(two));
    const query = logsAt(server).query(queryOf(), async (lines) => {
      for await (const _ of lines) break;
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
    const asked = logsAt(server).query(queryOf({ signal: controller.signal }), async (lines) => {
      try {
        for await (const _ of lines) controller.abort(reason);
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
    const logs = createLogs({ endpoint: server.endpoint, workspaceId, credential });
    const controller = new AbortController();
    const asked = logs.query(queryOf({ signal: controller.signal }), collector().receive);
    await called.promise;
    controller.abort(reason);
    await assert.rejects(asked, (error) => error === reason);
  });
});

it('a challenge for more claims is answered with another token', async () => {
  const claims = Buffer.from('{"access_token":{}}').toString('base64');
  const header = `Bearer realm="", error="insufficient_claims", claims="${claims}"`;
  const server = await startAnswerServer(json(401, { error: {} }, { 'www-authenticate': header }), answer(two));
  const asked: unknown[] = [];
  const credential = {
    getToken: async (_scope: unknown, options?: { claims?: string }) => {
      asked.push(options?.claims);
      return { token: `t${asked.length}`, expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
  const { calls, receive } = collector();
  await createLogs({ endpoint: server.endpoint, workspaceId, credential }).query(queryOf(), receive);
  assert.deepEqual(calls, [twoLines]);
  assert.deepEqual(asked, [undefined, '{"access_token":{}}']);
});

it('a process that has asked ends by itself', { timeout: 20_000 }, async () => {
  const server = await startAnswerServer(answer(two));
  const script = `
    import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { createLogs } from ${JSON.stringify(import.meta.resolve('../src/azure/logs/logs.ts'))};
    const logs = createLogs({ endpoint: new URL('${server.endpoint}'), workspaceId: 'w', credential: undefined });
    const timespan = { startMs: 0, endMs: 1 };
    const signal = new AbortController().signal;
    const query = { kql: 'T', timespan, timeoutMs: 600_000, signal };
    const { rows } = await logs.query(query, async (lines) => { for await (const _ of lines); });
    process.exitCode = rows + 40;
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'inherit' });
  assert.deepEqual(await once(child, 'exit'), [42, null]);
});

describe('the endpoint', () => {
  it('may be plain http on loopback only', () => {
    const endpoint = new URL('http://example.com/v1');
    assert.throws(() => createLogs({ endpoint, workspaceId, credential: undefined }), /plain http, expected https/);
  });

  it('needs a credential elsewhere', () => {
    const endpoint = new URL('https://api.loganalytics.io/v1');
    assert.throws(() => createLogs({ endpoint, workspaceId, credential: undefined }), /needs a credential/);
  });

  it('gives the token its scope', async () => {
    const server = await startAnswerServer(answer(two));
    const scopes: unknown[] = [];
    const credential = {
      getToken: async (scope: unknown) => {
        scopes.push(scope);
        return { token: 't', expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    };
    await createLogs({ endpoint: server.endpoint, workspaceId, credential }).query(queryOf(), collector().receive);
    assert.deepEqual(scopes, [[`${server.endpoint.origin}/.default`]]);
    assert.equal(server.requests[0]?.headers.authorization, 'Bearer t');
  });
});

describe('several queries of one process', () => {
  const gatedAt = (server: AnswerServer, queriesAtOnce: number) =>
    createLogs({ endpoint: server.endpoint, workspaceId, credential: undefined, queriesAtOnce });

  it('wait in line for each other, first come, first served', async () => {
    const server = await startAnswerServer(answer(two), answer(two), answer(two));
    const logs = gatedAt(server, 1);
    const order: number[] = [];
    const queries = [1, 2, 3].map((number) =>
      logs.query(queryOf(), async (lines) => {
        assert.equal(server.requests.length, number, 'the next one is sent when this one has been received');
        await Array.fromAsync(lines);
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
    await logs.query(queryOf(), async (lines) => {
      const aborted = logs.query(queryOf({ signal: stop.signal }), receive);
      const late = logs.query(queryOf({ timeoutMs: 1 }), receive);
      others.push(logs.query(queryOf(), receive));
      stop.abort(new Error('enough'));
      await assert.rejects(aborted, { message: 'enough' });
      await assert.rejects(late, /waited 1 ms for the other exports/);
      await receive(lines);
    });
    await Promise.all(others);
    assert.equal(server.requests.length, 2);
  });
});
