import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const SEEDS = 2_000;

// In a process of its own, for the test runner follows every promise, which takes longer than the simulation.
test(`each row is exported exactly once in ${SEEDS} simulated histories`, async (context) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/sim.ts', '--seeds', `${SEEDS}`]);
  context.diagnostic(stdout.trim());
  const [, crashes = 0] = /(\d+) crashes/.exec(stdout) ?? [];
  assert.ok(Number(crashes) > SEEDS, `only ${crashes} crashes`);
});
