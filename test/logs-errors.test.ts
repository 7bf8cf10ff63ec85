import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLogs } from '../src/azure/logs/logs.ts';
import { NoItemIdError, OversizeError } from '../src/core/logs.ts';
import { answer, answerBody, gzipped, json, type Reply, startAnswerServer, text } from './support/answer-server.ts';
import { ask, collector, failureOf, queryOf, refuseUnhandled, two } from './support/logs-source.ts';

refuseUnhandled();

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
    ['206', text(206, two), /Logs answered 206/],
    [
      'HTML',
      text(200, '<html>Log in</html>', { 'content-type': 'text/html' }),
      /Logs at 127.*malformed, byte 0: found </,
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
      /APPINSIGHTS_WORKSPACE_ID or <NAME>_SOURCE must be the Workspace ID \(a GUID\)/,
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
    const logs = createLogs({ endpoint: server.endpoint, credential });
    await assert.rejects(
      logs.query(queryOf(), collector().receive),
      /no token for http:\/\/127.*\/\.default: az login first/,
    );
  });
});

describe('an error in a 200 that is not known to be a warning fails the run', () => {
  const mild = { code: 'W', message: 'warned', severity: 3 };
  const grave = { code: 'E', message: 'failed', severity: 2 };
  const nest = (depth: number): object => (depth === 0 ? mild : { innererror: nest(depth - 1) });
  const errors: [string, unknown][] = [
    ['a text', 'Session expired'],
    ['a number', 1],
    ['true', true],
    ['false', false],
    ['an empty text', ''],
    ['an empty object', {}],
    ['a list', [mild]],
    ['without severity', { code: 'X', message: 'y', innererror: { code: 'Z' } }],
    ['graver inside of a warning', { ...mild, innererror: grave }],
    ['graver around a warning', { ...grave, innererror: mild }],
    ['details that are one object', { ...mild, details: grave }],
    ['details that are a text', { ...mild, details: 'text' }],
    ['an inner error that is a text', { ...mild, innererror: 'text' }],
    ['a text among the details', { ...mild, details: [mild, 'text'] }],
    ['the graver of two details', { code: 'PartialError', details: [mild, grave] }],
    ['a graver one under a name that nobody knows', { ...mild, more: { list: [grave] } }],
    ['a severity that is a text', { ...mild, severity: '3' }],
    ['a severity that is null', { ...mild, severity: null }],
    ['deeper than anyone looks', nest(30)],
  ];
  for (const [name, error] of errors) {
    it(name, async () => {
      const rows = answerBody(['A:long'], [[1]]).replace(/}$/, `,"error":${JSON.stringify(error)}}`);
      for (const body of [rows, JSON.stringify({ error }), JSON.stringify({ error, tables: [] })]) {
        const failure = await failureOf(await startAnswerServer(answer(body)));
        assert.match(failure.message, /^Logs (sent a part of the answer|answered with an error in place of a table)/);
        assert.ok(!(failure instanceof OversizeError));
      }
    });
  }

  it('nor does a warning stand for a table', async () => {
    for (const error of [mild, nest(1)]) {
      const failure = await failureOf(await startAnswerServer(answer(JSON.stringify({ tables: [], error }))));
      assert.match(failure.message, /error in place of a table: W: warned/);
    }
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
