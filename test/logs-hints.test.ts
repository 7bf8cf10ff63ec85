import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createGzip } from 'node:zlib';
import { statusError, unreachable } from '../src/azure/logs/error.ts';
import { json, type Reply, startAnswerServer, text } from './support/answer-server.ts';
import { failureOf, refuseUnhandled } from './support/logs-source.ts';

refuseUnhandled();

function messageOf(status: number, error: unknown): string {
  return statusError(status, JSON.stringify({ error }), 'w').message;
}

describe('what refuses a query says what to do', () => {
  const named = (name: string, kind = 'scalar expression') => ({
    code: 'BadArgumentError',
    innererror: {
      code: 'SemanticError',
      innererror: { code: 'SEM0100', message: `Failed to resolve ${kind} named '${name}'` },
    },
  });
  const cases: [what: string, status: number, error: unknown, message: RegExp, not?: RegExp][] = [
    ['a role', 401, { code: 'InvalidTokenError', message: 'expired' }, /Grant.*an hour to work\.$/, /network/],
    [
      'a role, or a network',
      403,
      { code: 'InsufficientAccessError', message: 'no' },
      /Grant.*perhaps.*private networks/,
    ],
    ['a network', 403, { code: 'X', message: 'denied by the Private Link scope' }, /private networks only/, /Grant/],
    ['a network', 403, { code: 'X', message: 'Public network access is off' }, /private networks only/, /Grant/],
    [
      'a table by its old name',
      400,
      named('requests', 'table or column expression'),
      /requests is called AppRequests\.$/,
    ],
    ['a column by its old name', 400, named('customDimensions'), /customDimensions is called Properties\.$/],
    ['another', 400, named('success'), /success is called Success\.$/],
    ['another', 400, named('operation_Id'), /operation_Id is called OperationId\.$/],
    ['of a metric', 400, named('valueSum'), /valueSum is called Sum\.$/],
    ['a column that is not there yet', 400, named('Colour'), /column_ifexists\("Colour", ""\)\.$/],
    ['no column', 400, { code: 'SyntaxError', message: "unexpected 'x'" }, /unexpected 'x'$/],
  ];
  for (const [what, status, error, message, not = /^$/] of cases) {
    it(`${what}: ${status}, ${JSON.stringify(error).slice(0, 60)}`, () => {
      assert.match(messageOf(status, error), message);
      assert.doesNotMatch(messageOf(status, error), not);
    });
  }

  it('a name that nobody can resolve', () => {
    const error = unreachable('api.example', new Error('getaddrinfo ENOTFOUND api.example'));
    assert.match(error.message, /ENOTFOUND api\.example\. Check LOGS_ENDPOINT.*privatelink\.monitor\.azure\.com$/);
    assert.doesNotMatch(unreachable('h', new Error('connect ECONNREFUSED')).message, /Check/);
  });
});

describe("a service's words", () => {
  it('are shown without control characters, on one line, and not too long', async () => {
    const message = `a\u001b[31m\u009bred\u0007\r\nline\u2028\u202e\u200bend ${'x'.repeat(10_000)}`;
    const replies: Reply[] = [
      json(400, { error: { code: 'C\u001bD', message } }),
      json(200, { error: { code: 'C\u001bD', message } }),
      text(403, `<b>${message}</b>`),
      json(200, { tables: [{ columns: [{ name: message, type: 'long' }], rows: [['', 1]] }] }),
      json(200, { tables: [{ columns: [{ name: 'a', type: message }, { name: message }], rows: [] }] }),
    ];
    for (const reply of replies) {
      const failure = await failureOf(await startAnswerServer(reply));
      assert.doesNotMatch(failure.message, /[\p{C}\n]/u);
      assert.ok(failure.message.length < 1500, `${failure.message.length}`);
    }
  });

  it('are found between the tags of a page', () => {
    const page = '<html><head><STYLE>p { a: "<b>" }</STYLE><script>if (a < b) c</script></head>No <b>entry</b> here<br';
    assert.match(statusError(502, page, 'w').message, /502, : No entry here, expected 200/);
    assert.match(statusError(502, 'plain < text', 'w').message, /502, : plain/);
  });

  it('take time only as they are long, whatever is in them', { timeout: 20_000 }, () => {
    for (const piece of [
      '<',
      '<style',
      '<script ',
      '</style',
      "Failed to resolve '",
      '{"error":',
      'network',
      '\u0007 ',
    ]) {
      assert.ok(statusError(502, piece.repeat(4_000_000 / piece.length), 'w').message.length < 1000);
      const message = piece.repeat(1_000_000 / piece.length);
      assert.ok(messageOf(400, { code: 'SemanticError', message }).length < 1500);
    }
  });
});

describe('the body of an error is read to a limit', () => {
  const replies: [string, Reply][] = [
    [
      'that never ends',
      (response) => {
        const piece = Buffer.alloc(16 * 1024, 'x');
        const more = () => response.write(piece, (error) => void (error ? undefined : setImmediate(more)));
        response.writeHead(403);
        more();
      },
    ],
    [
      'compressed to next to nothing',
      (response) => {
        response.writeHead(403, { 'content-encoding': 'gzip' });
        const gzip = createGzip();
        const zeros = Buffer.alloc(1024 * 1024);
        const more = () => gzip.write(zeros, () => void (response.destroyed ? gzip.destroy() : setImmediate(more)));
        gzip.on('error', () => undefined).pipe(response);
        more();
      },
    ],
  ];
  for (const [name, reply] of replies) {
    it(name, { timeout: 20_000 }, async () => {
      const server = await startAnswerServer(reply);
      assert.match((await failureOf(server)).message, /403, .*Grant/);
    });
  }
});
