import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startPostgres } from '../src/local/postgres/server.ts';
import { explain } from '../src/postgres/error.ts';
import { createPostgresSink } from '../src/postgres/sink.ts';
import { targetOf } from '../src/postgres/target.ts';
import { runOver, WINDOWS } from './support/postgres-runs.ts';
import { assertQuiet, oneRow, positionAt } from './support/postgres-scene.ts';

const EXPORTS = Array.from({ length: 10 }, (_, index) => `export${index}`);
const LIMIT = 20;
/** The window that comes last: as much as may be is staged behind it. */
const HELD_MINUTE = 3;
const log = { debug() {}, info() {}, warn() {}, error() {} };

const server = await startPostgres();
after(() => server[Symbol.asyncDispose]());

test(`ten exports that catch up at once need no more than ${LIMIT} connections`, async () => {
  const database = await server.createDatabase();
  const sink = createPostgresSink({ url: await database.limited(LIMIT), password: database.password });
  for (const name of EXPORTS) await sink.begin(name, positionAt(0, name), { runId: 'begin', log });
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let held = 0;
  let underWay = 0;
  const look = () => void setImmediate(() => held === EXPORTS.length && underWay === held && release());
  const answer = async (minute: number) => {
    underWay += 1;
    if (minute === HELD_MINUTE) {
      held += 1;
      look();
      await released;
    }
    return oneRow(String(minute));
  };
  const answered = () => {
    underWay -= 1;
    look();
  };
  const runs = EXPORTS.map((name) => runOver(sink, name, answer, answered).finally(release));
  await Promise.allSettled(runs);
  for (const report of await Promise.all(runs)) assert.deepEqual([report.outcome, report.rows], ['exported', WINDOWS]);
  await assertQuiet(database);
});

test('a server that has no connection left says what to change', async () => {
  const database = await server.createDatabase();
  const sink = createPostgresSink({ url: await database.limited(0), password: database.password });
  await assert.rejects(sink.begin('requests', positionAt(0), { runId: 'begin', log }), (error: Error) => {
    assert.match(error.message, /too many connections for role "limited_db\d+"/);
    assert.match(error.message, /four connections for each of EXPORT_QUERIES: lower that, or raise max_connections/);
    return true;
  });
});

test('whoever waits in vain for a connection of the process is told where to look', () => {
  // As the pool says it, after half a minute.
  const error = explain(
    new Error('timeout exceeded when trying to connect'),
    targetOf(new URL('postgresql://me@db/logs')),
  );
  assert.match(
    error.message,
    /^postgresql:\/\/me@db\/logs: timeout .*\. All connections .* are in use: look in pg_stat_/,
  );
});
