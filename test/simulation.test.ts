import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from './sim/simulation.ts';

const SEEDS = 2_000;

test(`each row is exported exactly once in ${SEEDS} simulated histories`, async () => {
  let crashes = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    await assert.doesNotReject(async () => {
      crashes += (await simulate(seed)).crashes;
    }, `seed ${seed} failed; replay it with: npm run sim -- --seeds 1 --from ${seed}`);
  }
  assert.ok(crashes > SEEDS, `only ${crashes} crashes`);
});
