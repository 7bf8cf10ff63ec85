import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type LocalDatabase, startPostgres } from '../src/local/postgres/server.ts';
import { createPostgresSink } from '../src/postgres/sink.ts';
import { planDestination } from '../src/postgres/table.ts';
import { cellRows, listOf, openScene, positionAt, windowAt } from './support/postgres-scene.ts';

const server = await startPostgres();
after(() => server[Symbol.asyncDispose]());

const columnsOf = (database: LocalDatabase, table = 'requests') =>
  database
    .sql<{ name: string }>('select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0', [
      `monitorlift."${table}"`,
    ])
    .then((rows) => rows.map(({ name }) => name));

test('the table is made with the first rows, in a schema of its own, and needs no quotes', async () => {
  const { database, exportRows, said } = await openScene(server, { name: 'pageViews' });
  await exportRows(cellRows({ ItemId: 'string', TimeGenerated: 'datetime' }, [['"a"', 'null']]));
  assert.deepEqual(await columnsOf(database, 'pageviews'), ['_part', 'itemid', 'timegenerated']);
  assert.deepEqual(await database.sql('select ItemId from monitorlift.pageViews'), [{ itemid: 'a' }]);
  assert.deepEqual(said, ['pageViews: "monitorlift"."pageviews" is made, with 3 columns']);
});

test('a new column is added, once and by name alone; one that no longer comes stays, and is null', async () => {
  const { database, exportRows, said } = await openScene(server);
  await exportRows(cellRows({ A: 'string', B: 'long' }, [['"1"', '1']]));
  await exportRows(cellRows({ C: 'bool', A: 'string' }, [['true', '"2"']]));
  await exportRows(cellRows({ c: 'bool', b: 'long' }, [['false', '3']]));
  const rows = await database.sql('select a, b, c from monitorlift.requests order by _part');
  assert.deepEqual(rows, [
    { a: '1', b: '1', c: null },
    { a: '2', b: null, c: true },
    { a: null, b: '3', c: false },
  ]);
  assert.equal(said.filter((text) => text.includes('"c" boolean')).length, 1);
  assert.equal(said.length, 2);
});

test('a column of another type is refused, nothing moves, and each way out that is named works', async () => {
  const { database, exportRows, open } = await openScene(server);
  const changed = () => cellRows({ A: 'string', B: 'string' }, [['"1"', '"x"']]);
  await exportRows(cellRows({ A: 'long', B: 'real' }, [['1', '1.5']]));
  const error = await exportRows(changed()).catch((thrown: Error) => thrown);
  assert.ok(error instanceof Error);
  assert.match(error.message, /"monitorlift"\."requests" cannot take the rows/);
  assert.match(error.message, /A: found string in Logs and bigint in the table, expected text/);
  assert.match(error.message, /B: found string in Logs and double precision in the table/);
  assert.deepEqual((await open()).position, positionAt(1));
  const [rename] = /alter table \S+ rename column "a" to "a_before"/.exec(error.message) ?? [];
  const [widen] = /alter table \S+ alter column "b" type text/.exec(error.message) ?? [];
  await database.sql(`${rename}; ${widen}`);
  await exportRows(changed());
  assert.deepEqual(await database.sql('select a, a_before, b from monitorlift.requests order by _part'), [
    { a: null, a_before: '1', b: '1.5' },
    { a: '1', a_before: null, b: 'x' },
  ]);
});

test('reserved words, quotes and names of 63 bytes are names like any other', async () => {
  const { database, exportRows } = await openScene(server, { name: 'user' });
  const long = `É${'a'.repeat(61)}`;
  await exportRows(
    cellRows({ Select: 'string', 'a "b" c': 'string', [long]: 'string', 'x.y': 'string' }, [
      ['"1"', '"2"', '"3"', '"4"'],
    ]),
  );
  assert.deepEqual(await columnsOf(database, 'user'), ['_part', 'select', 'a "b" c', long, 'x.y']);
  assert.deepEqual(await database.sql(`select "select", "${long}" as long from monitorlift."user"`), [
    { select: '1', long: '3' },
  ]);
});

test('names that PostgreSQL would cut, mix up or not take are refused, all at once', async () => {
  const { exportRows, open } = await openScene(server);
  const long = `É${'a'.repeat(62)}`;
  const bad = cellRows({ Name: 'string', name: 'string', [long]: 'string', XMIN: 'long', _Part: 'long' }, [
    ['"1"', '"2"', '"3"', '4', '5'],
  ]);
  await assert.rejects(exportRows(bad), (error: Error) => {
    assert.match(error.message, /name: another column has its name but for case/);
    assert.match(error.message, /Éa+: its name is longer than 63 bytes/);
    assert.match(error.message, /XMIN: xmin is a column that every table has/);
    assert.match(error.message, /_Part: _part is a column that the exporter adds/);
    assert.match(error.message, /project-rename/);
    return true;
  });
  assert.deepEqual((await open()).position, positionAt(0));
});

test('a table that an administrator has made is filled as it is, without a right to make one', async () => {
  const { database, exportRows } = await openScene(server);
  await exportRows(cellRows({ A: 'string' }, [['"1"']]));
  await database.sql(`
    create table monitorlift."Traces" (_part bigint, "TimeGenerated" timestamptz, "Text" text);
    create role writer login password '${database.password}';
    grant usage on schema monitorlift to writer;
    grant select, insert, update, delete on all tables in schema monitorlift to writer`);
  const url = new URL(database.url);
  url.username = 'writer';
  const sink = createPostgresSink({ url, password: database.password });
  const holder = { runId: 'run', log: { debug() {}, info() {}, warn() {}, error() {} } };
  assert.match(await sink.prove('traces', holder), /keeps conditions/);
  await sink.begin('traces', positionAt(0, 'traces'), holder);
  const session = await sink.open('traces', holder);
  const rows = cellRows({ timegenerated: 'datetime', TEXT: 'string' }, [['"2026-11-22T14:00:00Z"', '"x"']]);
  const staged = await session?.stage({ window: windowAt(0) }, rows);
  await session?.commit(positionAt(1, 'traces'), listOf(staged));
  assert.deepEqual(await database.sql('select "Text" as text from monitorlift."Traces"'), [{ text: 'x' }]);
  // A new column needs the owner, and the message says what to do.
  const more = cellRows({ New: 'string' }, [['"x"']]);
  await assert.rejects(async () => session?.stage({ window: windowAt(1) }, more), /must be owner.*administrator/);
  await session?.close();
});

test('new columns do not wait for a later window, which would wait for them; the next run adds them', async () => {
  const { database, exportRows, open } = await openScene(server);
  await exportRows(cellRows({ A: 'string' }, [['"0"']]));
  const session = await open();
  await session.stage({ window: windowAt(2) }, cellRows({ A: 'string' }, [['"2"']]));
  const changed = () => cellRows({ A: 'string', B: 'string' }, [['"1"', '"1"']]);
  await assert.rejects(session.stage({ window: windowAt(1) }, changed()), /the next run asks for them again/);
  await session.close();
  await exportRows(changed());
  assert.equal((await database.sql('select b from monitorlift.requests where b is not null')).length, 1);
});

test('new columns wait for a reader of the table, but do not keep other readers waiting for long', async () => {
  const { database, exportRows } = await openScene(server);
  await exportRows(cellRows({ A: 'string' }, [['"0"']]));
  const release = await database.hold('select * from monitorlift.requests');
  const exported = exportRows(cellRows({ A: 'string', B: 'string' }, [['"1"', '"1"']]));
  // The first attempt gives up, and lets this one through that waits behind it.
  const isWaiting = "select 1 from pg_locks where not granted and mode = 'AccessExclusiveLock'";
  while ((await database.sql(isWaiting)).length === 0);
  await database.sql("set statement_timeout = '20s'; select * from monitorlift.requests");
  await release();
  await exported;
  assert.equal((await database.sql('select b from monitorlift.requests where b is not null')).length, 1);
});

test('what fits needs no statement, in any spelling', () => {
  const table = {
    name: 'Requests',
    columns: [
      { name: '_part', type: 'bigint' },
      { name: 'Id', type: 'text' },
      { name: 'At', type: 'timestamp with time zone' },
    ],
  };
  const planned = planDestination('requests', table, [
    { name: 'ID', type: 'long' },
    { name: 'at', type: 'datetime' },
  ]);
  assert.deepEqual(planned, {
    statements: [],
    added: [],
    table: '"monitorlift"."Requests"',
    columns: ['"Id"', '"At"'],
    kinds: ['text', 'time'],
  });
});
