import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { describe, it } from 'node:test';
import { OversizeError } from '../src/core/logs.ts';
import {
  answer,
  answerBody,
  brokenBody,
  gzipped,
  json,
  type Reply,
  startAnswerServer,
  text,
} from './support/answer-server.ts';
import { ask, collector, failureOf, logsAt, queryOf, refuseUnhandled, toLines, two } from './support/logs-source.ts';

const LINUX_ONLY = process.platform === 'linux' ? false : 'reads /proc/net/tcp';

refuseUnhandled();

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
  const cases: [string, Reply[], sure?: false][] = [
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
      false,
    ],
    ['504 with a code', [json(504, { error: { code: 'GatewayTimeout', message: 'late' } })], false],
    ['408', [text(408, '')], false],
    [
      'a body that broke three times',
      [brokenBody(two.slice(0, -30)), answer(two.slice(0, 90)), gzipped(two, 60)],
      false,
    ],
  ];
  for (const [name, replies, isSure = true] of cases) {
    it(name, async () => {
      const server = await startAnswerServer(...replies, answer(two));
      await assert.rejects(ask(server), OversizeError);
      // What may have other reasons is only blamed on the window when Logs answers something else.
      const asked = server.requests.slice(replies.length).map(({ body }) => JSON.parse(body).query);
      assert.deepEqual(asked, isSure ? [] : ['print 1']);
    });
  }

  it('teaches nothing about its size unless it was cut for it', async () => {
    for (const [name, replies] of cases) {
      const failure = await failureOf(await startAnswerServer(...replies, answer(two)));
      assert.ok(failure instanceof OversizeError);
      const isCut = name.startsWith('a result cut');
      assert.deepEqual([failure.rows > 0, failure.bytes > 0], [isCut, isCut], name);
    }
  });

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
    const query = logsAt(server).query(queryOf(), async (rows) => {
      for await (const chunk of toLines(rows)) lines += chunk.filter((byte) => byte === 0x0a).length;
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
      logsAt(server).query(queryOf(), async (rows) => {
        try {
          await Array.fromAsync(rows.batches);
        } catch (error) {
          seen = error;
        }
      }),
      (error) => error === seen && error instanceof OversizeError,
    );
  });

  it('is one that takes longer than the query may', async () => {
    const server = await startAnswerServer(() => undefined, answer(two));
    await assert.rejects(ask(server, { timeoutMs: 50 }), OversizeError);
  });

  it('is one whose body takes longer than the query may', async () => {
    const server = await startAnswerServer(
      (response) => void response.writeHead(200).write(two.slice(0, 110)),
      answer(two),
    );
    const error = await ask(server, { timeoutMs: 100 }).catch((error) => error);
    assert.ok(error instanceof OversizeError);
    assert.deepEqual([error.rows, error.bytes], [0, 0]);
    assert.match(error.message, /took longer than 100 ms/);
  });

  it('is one that a refusal of everything else shows to be alone', async () => {
    const server = await startAnswerServer(text(504, ''), json(400, { error: { code: 'BadArgumentError' } }));
    await assert.rejects(ask(server), OversizeError);
  });
});

describe('an outage is not a window that is too large', () => {
  const silent: Reply = () => undefined;
  const beginning: Reply = (response) => void response.writeHead(200).write(two.slice(0, 110));
  const wrongEncoding = answer(two, { 'content-encoding': 'gzip' });
  const cases: [string, Reply, RegExp][] = [
    ['504 to everything', text(504, ''), /took too long.*"print 1" either: the query took too long for Logs: 504/],
    ['headers that never come', silent, /took longer than 200 ms; and Logs does not answer "print 1" either/],
    ['bodies that go silent', beginning, /broke 3 times.*nothing came for 20 ms; and Logs does not answer/],
    ['bodies that break', brokenBody(two.slice(0, 110)), /broke 3 times.*110 bytes.*; and Logs does not answer/],
    ['bodies that are not encoded as they say', wrongEncoding, /broke 3 times.*0 bytes: incorrect header check$/],
    [
      'bodies in an encoding that nobody asked for',
      answer('\x0b\x02', { 'content-encoding': 'br' }),
      /found the byte 0xb/,
    ],
    ['empty bodies', answer(''), /broke 3 times.*after 0 rows and 0 bytes/],
  ];
  for (const [name, reply, message] of cases) {
    it(name, async () => {
      const server = await startAnswerServer(...Array<Reply>(6).fill(reply));
      const timeoutMs = reply === silent ? 200 : 10_000;
      const failure = await failureOf(server, { timeoutMs }, { idleMs: 20 });
      assert.match(failure.message, message);
      assert.ok(!(failure instanceof OversizeError));
    });
  }

  it('a connection that died is found by TCP, however long the service may think', { skip: LINUX_ONLY }, async () => {
    const sent = Promise.withResolvers<string>();
    const server = await startAnswerServer((response, request) => {
      const port = request.socket.remotePort?.toString(16).toUpperCase().padStart(4, '0');
      const ours = new RegExp(`^ *\\d+: \\w+:${port} \\S+ 01 .*$`, 'm');
      sent.resolve(ours.exec(readFileSync('/proc/net/tcp', 'utf8'))?.[0] ?? 'not found');
      response.destroy();
    });
    await failureOf(server, {}, { retry: { attempts: 1, delayMs: 1 } });
    // Timer 2 is that of keep-alive, which is due within a second.
    const [, due = ''] = / 02:([0-9A-F]{8}) /.exec(await sent.promise) ?? [];
    assert.ok(due !== '' && Number.parseInt(due, 16) <= 100, await sent.promise);
  });

  it('the signal reaches the look whether it is one', async () => {
    const asked = Promise.withResolvers<void>();
    const server = await startAnswerServer(text(504, ''), () => asked.resolve());
    const controller = new AbortController();
    const failure = failureOf(server, { signal: controller.signal });
    await asked.promise;
    const reason = new Error('stop');
    controller.abort(reason);
    assert.equal(await failure, reason);
  });
});
