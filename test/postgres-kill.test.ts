import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { runPostgresTrial } from './support/postgres-kill.ts';
import { startPostgres } from './support/postgres-server.ts';

const KILLS = 20;

const server = await startPostgres();
after(() => server[Symbol.asyncDispose]());

test('runs that race and are killed export each row once', async (context) => {
  const tally = await runPostgresTrial(server, KILLS, 20261126);
  context.diagnostic(JSON.stringify(tally));
  assert.ok(tally.kills >= KILLS);
});
