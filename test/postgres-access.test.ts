import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { startPostgres } from '../src/local/postgres/server.ts';
import { findPassword } from '../src/postgres/access.ts';
import { createPostgresSink } from '../src/postgres/sink.ts';
import { targetOf } from '../src/postgres/target.ts';
import { isPostgresUrl, parsePostgresUrl } from '../src/settings/postgres-url.ts';
import { positionAt } from './support/postgres-scene.ts';

const server = await startPostgres();
after(() => server[Symbol.asyncDispose]());

const holder = { runId: 'run', log: { debug() {}, info() {}, warn() {}, error() {} } };

test('a URL names host, port, user and database', () => {
  const url = parsePostgresUrl('postgres://app%40contoso@db.postgres.database.azure.com/tele%20metry');
  assert.deepEqual(targetOf(url), {
    host: 'db.postgres.database.azure.com',
    port: 5432,
    user: 'app@contoso',
    database: 'tele metry',
    isEncrypted: true,
    takesToken: true,
    name: 'postgresql://app%40contoso@db.postgres.database.azure.com/tele metry',
  });
  const local = targetOf(parsePostgresUrl('postgresql://me@[::1]:5433/x'));
  assert.deepEqual([local.host, local.port, local.isEncrypted, local.takesToken], ['::1', 5433, false, false]);
  assert.ok(targetOf(parsePostgresUrl('postgresql://me@10.0.0.1/x')).isEncrypted);
});

test('a URL with a password, options, or without its parts is refused, and never repeated', () => {
  const refused = {
    'postgresql://me:hush@host/x': /a password in the URL.*PGPASSWORD/,
    'postgresql://me@host/x?sslmode=disable&password=hush': /a query string/,
    'postgresql://host/hush': /without user, host or database/,
    'postgresql://me@host': /without user, host or database/,
    'postgresql://me@host/': /without user, host or database/,
    'postgresql://me@host/a/hush': /without user, host or database/,
    'postgresql://me@/hush': /.*/,
    'postgresql://me%E0@host/hush': /without user, host or database/,
    'postgresql://me@host:hush/x': /no URL/,
  };
  for (const [text, message] of Object.entries(refused)) {
    assert.ok(isPostgresUrl(text));
    assert.throws(
      () => parsePostgresUrl(text),
      (error: Error) => {
        assert.match(error.message, message);
        assert.match(error.message, /expected postgresql:\/\/<user>@<host>/);
        return !error.message.includes('hush');
      },
    );
  }
  assert.ok(!isPostgresUrl('https://lake.dfs.core.windows.net/telemetry'));
});

test('a password is taken where there is one, and a token only for servers of Azure', async () => {
  const scopes: unknown[] = [];
  const credential = {
    async getToken(scope: string | string[]) {
      scopes.push(scope);
      return { token: 'token', expiresOnTimestamp: 0 };
    },
  };
  const azure = targetOf(new URL('postgresql://me@db.postgres.database.azure.com/x'));
  const other = targetOf(new URL('postgresql://me@db.example.com/x'));
  assert.equal(await findPassword(azure, { credential }), 'token');
  assert.deepEqual(scopes, ['https://ossrdbms-aad.database.windows.net/.default']);
  assert.equal(await findPassword(azure, { password: 'secret', credential }), 'secret');
  assert.equal(await findPassword(other, { credential }), '');
  assert.equal(scopes.length, 1);
});

/** Opens a sink, with the error that comes of it. */
async function failure(url: URL, password?: string): Promise<string> {
  const error = await createPostgresSink({ url, password })
    .open('requests', holder)
    .catch((thrown: unknown) => thrown);
  assert.ok(error instanceof Error);
  assert.ok(error.message.startsWith(`postgresql://${url.username}@${url.host}${url.pathname}: `), error.message);
  return error.message;
}

test('each way of not getting in says what to do, and no password', async () => {
  const { url, password } = await server.createDatabase();
  const wrong = await failure(url, 'hush');
  assert.match(wrong, /password authentication failed.*Set PGPASSWORD/);
  assert.ok(!wrong.includes('hush'));
  assert.match(await failure(url), /password must be a non-empty string.*Set PGPASSWORD/);
  assert.match(
    await failure(new URL(url.href.replace(/db\d+$/, 'nowhere')), password),
    /does not exist.*Create the database/,
  );
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  const closed = new URL(url);
  closed.port = String(typeof address === 'object' ? address?.port : 0);
  listener.close();
  await once(listener, 'close');
  assert.match(await failure(closed, password), /ECONNREFUSED.*Look at host and port/);
});

test('off this machine nothing is said to a server without TLS', async () => {
  const said: Buffer[] = [];
  const listener = createServer((socket) => {
    socket.on('data', (data) => {
      said.push(data);
      socket.write('N');
    });
    socket.on('error', () => undefined);
  });
  listener.listen(0, '0.0.0.0');
  await once(listener, 'listening');
  const address = listener.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const message = await failure(new URL(`postgresql://me@0.0.0.0:${port}/x`), 'hush');
  assert.match(message, /does not support SSL connections.*must show a certificate/);
  // The request for TLS, and no user, database or password.
  assert.deepEqual(Buffer.concat(said), Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  listener.close();
  await once(listener, 'close');
});

test('without the right to make a schema nothing begins, and the check says what an administrator runs', async () => {
  const { url, password, sql } = await server.createDatabase();
  await sql(`create role "O'Neil" login password '${password}'`);
  const limited = new URL(url);
  limited.username = "O'Neil";
  const sink = createPostgresSink({ url: limited, password });
  const expected = /permission denied.*create schema if not exists monitorlift authorization "O'Neil"/;
  await assert.rejects(sink.prove('requests', holder), expected);
  await assert.rejects(sink.begin('requests', positionAt(0), holder), expected);
  assert.equal(await sink.open('requests', holder), undefined);
  await sql(`create schema if not exists monitorlift authorization "O'Neil"`);
  assert.match(await sink.prove('requests', holder), /keeps conditions/);
  await sink.begin('requests', positionAt(0), holder);
});

test('a database of another encoding is refused by the check', async () => {
  const { url, password, sql } = await server.createDatabase();
  await sql("create database latin encoding 'LATIN1' locale 'C' template template0");
  const sink = createPostgresSink({ url: new URL(url.href.replace(/db\d+$/, 'latin')), password });
  await assert.rejects(sink.prove('requests', holder), /has the encoding LATIN1, expected UTF8/);
});
