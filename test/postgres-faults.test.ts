import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { reasonOf } from '../src/core/reason.ts';
import { SupersededError } from '../src/core/sink.ts';
import { startPostgres } from '../src/local/postgres/server.ts';
import { cut, startPostgresProxy } from './support/postgres-proxy.ts';
import {
  assertQuiet,
  cellRows,
  oneRow,
  openScene,
  positionAt,
  stageOne,
  valuesIn,
  windowAt,
} from './support/postgres-scene.ts';

const server = await startPostgres();
after(() => server[Symbol.asyncDispose]());

/** A proxy before a database of its own, with one export that has begun and one row in its first window. */
async function openProxied() {
  const proxy = await startPostgresProxy();
  const scene = await openScene(server, { via: proxy.via });
  await scene.exportRows(oneRow('first'));
  return { proxy, ...scene };
}

test('a commit whose answer is lost is read back, and counts', async () => {
  const { proxy, database, open } = await openProxied();
  const session = await open();
  const staged = await stageOne(session, 'second');
  proxy.onSent = (text, link) => {
    if (!text.includes('commit\0')) return true;
    link.server.unpipe(link.client).resume();
    link.server.once('data', () => cut(link));
    return true;
  };
  await session.commit(positionAt(2), staged);
  proxy.onSent = () => true;
  assert.deepEqual(session.position, positionAt(2));
  assert.deepEqual(await valuesIn(database), ['first', 'second']);
  await session.commit(positionAt(3), await stageOne(session, 'third', 2));
  await session.close();
  assert.deepEqual(await valuesIn(database), ['first', 'second', 'third']);
  await assertQuiet(database);
  await proxy[Symbol.asyncDispose]();
});

test('a commit that is still under way is waited for', async () => {
  const { proxy, database, open } = await openProxied();
  const session = await open();
  const staged = await stageOne(session, 'second');
  let release = () => undefined as unknown;
  proxy.onSent = (text, link) => {
    if (text.includes('commit\0')) {
      // The client is gone, and the server has not got the commit yet.
      link.client.removeAllListeners('end').destroy();
      release = () => link.server.write(Buffer.from(text, 'latin1'));
      return false;
    }
    if (text.includes('for update')) setImmediate(() => release());
    return true;
  };
  await session.commit(positionAt(2), staged);
  assert.deepEqual(session.position, positionAt(2));
  assert.deepEqual(await valuesIn(database), ['first', 'second']);
  await session.close();
  await proxy[Symbol.asyncDispose]();
});

for (const [lost, sign] of [
  ['a commit', 'commit\0'],
  ['the update before it', 'update "monitorlift"."_watermark"'],
] as const) {
  test(`${lost} that never arrives moves nothing, and the next run exports the window again`, async () => {
    const { proxy, database, open, exportRows } = await openProxied();
    const session = await open();
    const staged = await stageOne(session, 'second');
    proxy.onSent = (text, link) => {
      if (!text.includes(sign)) return true;
      cut(link);
      return false;
    };
    await assert.rejects(session.commit(positionAt(2), staged), (error: Error) => {
      assert.match(error.message, /"_watermark", home 'requests': the commit until .* has not arrived/);
      return !(error instanceof SupersededError);
    });
    proxy.onSent = () => true;
    await session.close();
    assert.deepEqual(await valuesIn(database), ['first']);
    assert.deepEqual((await open()).position, positionAt(1));
    await exportRows(oneRow('again'));
    assert.deepEqual(await valuesIn(database), ['again', 'first']);
    await assertQuiet(database);
    await proxy[Symbol.asyncDispose]();
  });
}

test('a commit that the server refuses moves nothing, and says why', async () => {
  const { database, open, exportRows } = await openScene(server);
  await exportRows(oneRow('first'));
  await database.sql(`
    create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not today'; end $$;
    create constraint trigger later after insert on monitorlift.requests
      deferrable initially deferred for each row execute function refuse()`);
  const session = await open();
  const staged = await stageOne(session, 'second');
  await assert.rejects(session.commit(positionAt(2), staged), (error: Error) => {
    assert.match(String((error.cause as Error).message), /not today/);
    return true;
  });
  await session.close();
  assert.deepEqual(await valuesIn(database), ['first']);
  assert.deepEqual((await open()).position, positionAt(1));
});

test('a connection that is cut in mid-copy leaves nothing, and the same session goes on with another', async () => {
  const { proxy, database, open, sink } = await openProxied();
  const session = await open();
  let passed = 0;
  proxy.onSent = (text, link) => {
    passed += text.length;
    if (passed < 300_000) return true;
    cut(link);
    return false;
  };
  const many = Array.from({ length: 2_000 }, (_, index) => [JSON.stringify(`${index} ${'x'.repeat(1_000)}`)]);
  await assert.rejects(session.stage({ window: windowAt(1) }, cellRows({ A: 'string' }, many, 10)), (error: Error) => {
    assert.match(error.message, /^postgresql:\/\/monitor@127\.0\.0\.1:\d+\/db\d+: /);
    return true;
  });
  proxy.onSent = () => true;
  assert.deepEqual(await valuesIn(database), ['first']);
  await session.commit(positionAt(2), await stageOne(session, 'second'));
  await session.close();
  assert.deepEqual(await valuesIn(database), ['first', 'second']);
  const hours = { startMs: windowAt(0).startMs, endMs: windowAt(9).endMs };
  assert.equal((await Array.fromAsync(sink.parts('requests', hours))).length, 2);
  await assertQuiet(database);
  await proxy[Symbol.asyncDispose]();
});

test('a connection that is cut while a window waits for its commit fails the commit, and moves nothing', async () => {
  const { database, open } = await openScene(server);
  const session = await open();
  const staged = await stageOne(session, 'lost', 0);
  await database.sql(
    'select pg_terminate_backend(pid) from pg_stat_activity ' +
      "where datname = current_database() and state like 'idle in%'",
  );
  await assert.rejects(session.commit(positionAt(1), staged));
  await session.commit(positionAt(1), await stageOne(session, 'found', 0));
  await session.close();
  assert.deepEqual(await valuesIn(database), ['found']);
});

test('a full disk fails the run with what the server says, and the next one goes on', async () => {
  const { database, exportRows, open } = await openScene(server);
  await exportRows(oneRow('first'));
  // As the server says it when a file cannot grow: with this code, in the middle of a copy.
  await database.sql(`
    create function fill() returns trigger language plpgsql as
      $$ begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$;
    create trigger full_disk before insert on monitorlift.requests
      for each row when (new.a = 'row 700') execute function fill()`);
  const rows = () =>
    cellRows(
      { A: 'string' },
      Array.from({ length: 1_000 }, (_, index) => [`"row ${index}"`]),
    );
  await assert.rejects(exportRows(rows()), /No space left on device/);
  assert.deepEqual(await valuesIn(database), ['first']);
  assert.deepEqual((await open()).position, positionAt(1));
  await database.sql('drop trigger full_disk on monitorlift.requests');
  await exportRows(rows());
  assert.equal((await valuesIn(database)).length, 1_001);
  await assertQuiet(database);
});

test('a value that does not fit its column is not repeated in the message', async () => {
  const { exportRows } = await openScene(server);
  const rows = cellRows({ Id: 'guid' }, [['"customer@example.com"']]);
  await assert.rejects(exportRows(rows), (error: Error) => {
    assert.match(error.message, /invalid input syntax for type uuid \(column id\)/);
    return !reasonOf(error).includes('customer');
  });
});

test('an export cannot begin beside one whose name differs in its case only', async () => {
  const { sink } = await openScene(server, { name: 'errors' });
  const holder = { runId: 'other', log: { debug() {}, info() {}, warn() {}, error() {} } };
  await assert.rejects(
    sink.begin('Errors', positionAt(0, 'Errors'), holder),
    /found the export errors, expected Errors/,
  );
  assert.equal(await sink.open('Errors', holder), undefined);
});

test('the end of a hold releases what was staged', async () => {
  const { database, open } = await openScene(server);
  const session = await open();
  await stageOne(session, 'first', 0);
  await stageOne(session, 'second', 1);
  await session.close();
  await assertQuiet(database);
});

test('the end of a hold releases everything, also when the connection breaks while rows come', async () => {
  const { database, open } = await openScene(server);
  const session = await open();
  const { columns } = oneRow('x');
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const { promise: goOn, resolve } = Promise.withResolvers<void>();
  async function* slow() {
    yield* oneRow('1').batches;
    ask();
    await goOn;
    yield* oneRow('2').batches;
  }
  const staging = session.stage({ window: windowAt(0) }, { columns, batches: slow() });
  await asked;
  const end =
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'copy%'";
  // The server may not have read of it yet.
  while ((await database.sql(end)).length === 0);
  resolve();
  await assert.rejects(staging, /terminat/);
  await session.close();
  await assertQuiet(database);
  assert.deepEqual(await valuesIn(database), []);
});

test('the server may end idle connections: nobody notices', async () => {
  const { database, exportRows } = await openScene(server);
  await exportRows(oneRow('1'));
  const others = 'from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()';
  await database.sql(`select pg_terminate_backend(pid) ${others}`);
  while ((await database.sql(`select pid ${others}`)).length > 0);
  await exportRows(oneRow('2'));
  assert.deepEqual(await valuesIn(database), ['1', '2']);
});
