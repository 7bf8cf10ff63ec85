import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { createLogs } from '../src/azure/logs/logs.ts';
import { answer, answerBody, gzipped, json, noAnswer, startAnswerServer, text } from './support/answer-server.ts';
import { ask, collector, logsAt, queryOf, refuseUnhandled, source, two, twoLines } from './support/logs-source.ts';

refuseUnhandled();

describe('a query that is answered', () => {
  it('gives the rows as lines, and what the answer was', async () => {
    const server = await startAnswerServer(answer(two, { date: 'Sun, 22 Nov 2026 14:05:00 GMT' }));
    const { answer: found, calls } = await ask(server);
    assert.deepEqual(calls, [twoLines]);
    const { asOfMs, value: _, ...rest } = found;
    assert.deepEqual(rest, {
      columns: [
        { name: 'Name', type: 'string' },
        { name: 'Count', type: 'long' },
      ],
      rows: 2,
      bytes: two.length,
    });
    const date = Date.parse('2026-11-22T14:05:00Z');
    assert.ok(asOfMs !== undefined && asOfMs <= date && asOfMs > date - 60_000);
  });

  it('asks as the service wants to be asked', async () => {
    const server = await startAnswerServer(answer(two));
    await ask(server, { kql: 'AppTraces | where Message == "\u00e9"' });
    const request = server.requests[0];
    assert.equal(request?.url, `/v1/workspaces/${source}/query`);
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

  it('may be a 204: no rows, and no columns', async () => {
    const server = await startAnswerServer(text(204, '', { date: 'Sun, 22 Nov 2026 14:05:00 GMT' }));
    const { answer: found, calls } = await ask(server);
    assert.deepEqual(calls, ['']);
    assert.deepEqual([found.columns, found.rows, found.bytes], [[], 0, 0]);
    assert.notEqual(found.asOfMs, undefined);
  });

  it('has no asOfMs without a Date', async () => {
    const server = await startAnswerServer((response) => {
      response.sendDate = false;
      response.end(two);
    });
    assert.equal((await ask(server)).answer.asOfMs, undefined);
  });

  const warning = { code: '-1', message: 'a column is null', severity: 3, severityName: 'Warning' };
  const warnings: [string, unknown][] = [
    [
      'as Logs nests them',
      { code: 'PartialError', message: 'x', details: [{ code: 'EngineError', innererror: warning }] },
    ],
    ['on each level', { ...warning, innererror: { ...warning, severity: 4 } }],
    ['several of them', { code: 'PartialError', details: [warning, { ...warning, details: [], innererror: null }] }],
    ['alone', warning],
  ];
  for (const [name, error] of warnings) {
    it(`may come with warnings, ${name}: severity 3 leaves the rows whole`, async () => {
      const server = await startAnswerServer(answer(answerBody(['A:long'], [[1]], error)));
      assert.deepEqual((await ask(server)).calls, ['{"A":1}\n']);
    });
  }

  it('may have an error that is null', async () => {
    const server = await startAnswerServer(answer(two.replace(/}$/, ',"error":null}')));
    assert.deepEqual((await ask(server)).calls, [twoLines]);
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
  await createLogs({ endpoint: server.endpoint, credential }).query(queryOf(), receive);
  assert.deepEqual(calls, [twoLines]);
  assert.deepEqual(asked, [undefined, '{"access_token":{}}']);
});

it('a process that has asked ends by itself', { timeout: 20_000 }, async () => {
  const server = await startAnswerServer(answer(two));
  const script = `
    import { createLogs } from ${JSON.stringify(import.meta.resolve('../src/azure/logs/logs.ts'))};
    const logs = createLogs({ endpoint: new URL('${server.endpoint}'), credential: undefined });
    const timespan = { startMs: 0, endMs: 1 };
    const signal = new AbortController().signal;
    const query = { source: 'w', kql: 'T', timespan, timeoutMs: 600_000, signal };
    const { rows } = await logs.query(query, async ({ batches }) => { for await (const _ of batches); });
    process.exitCode = rows + 40;
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'inherit' });
  assert.deepEqual(await once(child, 'exit'), [42, null]);
});

describe('the endpoint', () => {
  it('may be plain http on loopback only', () => {
    const endpoint = new URL('http://example.com/v1');
    assert.throws(() => createLogs({ endpoint, credential: undefined }), /plain http, expected https/);
  });

  it('needs a credential elsewhere', () => {
    const endpoint = new URL('https://api.loganalytics.io/v1');
    assert.throws(() => createLogs({ endpoint, credential: undefined }), /needs a credential/);
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
    await createLogs({ endpoint: server.endpoint, credential }).query(queryOf(), collector().receive);
    assert.deepEqual(scopes, [[`${server.endpoint.origin}/.default`]]);
    assert.equal(server.requests[0]?.headers.authorization, 'Bearer t');
  });
});

it('a challenge whose second answer never comes is tried again, and is no refusal', async () => {
  const claims = Buffer.from('{"access_token":{}}').toString('base64');
  const header = `Bearer realm="", error="insufficient_claims", claims="${claims}"`;
  const challenge = json(401, { error: {} }, { 'www-authenticate': header });
  const server = await startAnswerServer(challenge, noAnswer, answer(two));
  const credential = { getToken: async () => ({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }) };
  assert.deepEqual((await ask(server, {}, { credential })).calls, [twoLines]);
});
