import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Rows } from '../src/core/rows.ts';
import { type LocalDatabase, startPostgres } from '../src/local/postgres/server.ts';
import { runOver, WINDOWS } from './support/postgres-runs.ts';
import { assertQuiet, cellRows, listOf, openScene, positionAt, windowAt } from './support/postgres-scene.ts';

const server = await startPostgres();
after(() => server[Symbol.asyncDispose]());

const before = (minute: number) => cellRows({ A: 'string' }, [[`"${minute}"`]]);
const changed = (minute: number) => cellRows({ A: 'string', B: 'string' }, [[`"${minute}"`, '"new"']]);
const again = /asked for again/;

/** A session on a table that has one column and one row. */
async function openWindows() {
  const scene = await openScene(server);
  await scene.exportRows(before(0));
  return { ...scene, session: await scene.open() };
}

/** @param read called when nobody reads the rows any more. */
function onceRead({ columns, batches }: Rows, read: () => void): Rows {
  async function* watched() {
    try {
      yield* batches;
    } finally {
      read();
    }
  }
  return { columns, batches: watched() };
}

async function assertRows({ sql }: LocalDatabase, old: number, all: number): Promise<void> {
  const rows = await sql('select a, b from monitorlift.requests order by a::int');
  const expected = Array.from({ length: all }, (_, at) => ({ a: String(at), b: at < old ? null : 'new' }));
  assert.deepEqual(rows, expected);
}

test('new columns ahead of their turn do not wait for a window that waits for one still to come', async () => {
  const { database, session } = await openWindows();
  const second = await session.stage({ window: windowAt(2) }, before(2));
  await assert.rejects(session.stage({ window: windowAt(3) }, changed(3)), again);
  const first = await session.stage({ window: windowAt(1) }, before(1));
  await session.commit(positionAt(2), listOf(first));
  await assert.rejects(session.stage({ window: windowAt(3) }, changed(3)), again);
  await session.commit(positionAt(3), listOf(second));
  await session.commit(positionAt(4), listOf(await session.stage({ window: windowAt(3) }, changed(3))));
  await session.close();
  await assertRows(database, 3, 4);
  await assertQuiet(database);
});

test('new columns ahead of their turn do not wait for a window of which more parts are still to come', async () => {
  const { database, session } = await openWindows();
  const bucket = (index: number) => ({ window: windowAt(1), bucket: { index, of: 2 } });
  const one = await session.stage(bucket(0), before(1));
  await assert.rejects(session.stage({ window: windowAt(2) }, changed(3)), again);
  const two = await session.stage(bucket(1), before(2));
  await session.commit(positionAt(2), [...listOf(one), ...listOf(two)]);
  await session.commit(positionAt(3), listOf(await session.stage({ window: windowAt(2) }, changed(3))));
  await session.close();
  await assertRows(database, 3, 4);
});

test('new columns wait for a window that is being committed: it needs nobody', async () => {
  const { database, session } = await openWindows();
  const first = await session.stage({ window: windowAt(1) }, before(1));
  // The commit stands behind this transaction.
  const lastLook = () =>
    database.sql(
      'select max(query_start) from pg_stat_activity where datname = current_database() ' +
        "and query like '%pg_attribute%' and state = 'idle'",
    );
  const atFirst = await lastLook();
  const release = await database.hold('select from monitorlift._watermark for update');
  const committed = session.commit(positionAt(2), listOf(first));
  const second = session.stage({ window: windowAt(2) }, changed(2));
  // It has looked at the table, and only the commit is still in its way.
  while (isDeepStrictEqual(await lastLook(), atFirst));
  await release();
  await committed;
  await session.commit(positionAt(3), listOf(await second));
  await session.close();
  await assertRows(database, 2, 3);
});

test('a run whose columns change on the way exports everything, asking again for what came too early', async () => {
  const { database, sink, exportRows } = await openScene(server);
  await exportRows(before(0));
  const asked: number[] = [];
  const { promise: refused, resolve: refuse } = Promise.withResolvers<void>();
  const report = await runOver(sink, 'requests', async (minute) => {
    asked.push(minute);
    // One window comes late, when those behind it are staged and the first with another column has been refused.
    if (minute === 4) await refused;
    return minute < 7 ? before(minute) : onceRead(changed(minute), refuse);
  });
  assert.equal(report.outcome, 'exported');
  assert.ok(asked.filter((minute) => minute === 7).length > 1, 'the first with another column came ahead of its turn');
  await assertRows(database, 7, WINDOWS);
  await assertQuiet(database);
});
