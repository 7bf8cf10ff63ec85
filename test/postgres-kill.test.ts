import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildApp, removeApp } from './support/functions-host.ts';
import { formatTally } from './support/kill-tally.ts';
import { runTrial } from './support/kill-trial.ts';

const KILLS = 8;

let app: string;

before(async () => {
  app = await buildApp();
});
after(() => removeApp(app));

test(`each row is in its table once, although runs that race are killed ${KILLS} times`, async (t) => {
  const seed = Date.now() % 1_000_000;
  const tally = await runTrial({ app, sink: 'postgresql', kills: KILLS, seed });
  t.diagnostic(`seed ${seed}: ${formatTally(tally)}`);
  assert.ok(tally.kills >= KILLS);
  assert.ok(tally.rows > 0);
});
