// npm run sim -- --seeds N --from S: plays seeds of the simulation until one fails; --from S replays it.
import { parseArgs } from 'node:util';
import { simulate } from '../test/sim/simulation.ts';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '2000' }, from: { type: 'string', default: '1' } },
});
const from = Number(values.from);
const seeds = Number(values.seeds);
const totals = { runs: 0, crashes: 0, rows: 0, steps: 0 };
for (let seed = from; seed < from + seeds; seed++) {
  try {
    const outcome = await simulate(seed);
    totals.runs += outcome.runs;
    totals.crashes += outcome.crashes;
    totals.rows += outcome.rows;
    totals.steps += outcome.steps;
  } catch (error) {
    throw new Error(`seed ${seed} failed; replay it with: npm run sim -- --seeds 1 --from ${seed}`, { cause: error });
  }
}
console.log(
  `${seeds} seeds from ${from}: ${totals.runs} runs, ${totals.crashes} crashes, ${totals.steps} steps, ` +
    `${totals.rows} rows, each exported exactly once`,
);
