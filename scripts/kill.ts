// npm run kill -- --kills 100 [--seed S] [--sink lake|file|flat|rest|postgresql]: kills the real command at random
// moments while telemetry arrives, and checks that each row is in the sink once.
import { parseArgs } from 'node:util';
import { buildApp, removeApp } from '../test/support/functions-host.ts';
import { SINKS } from '../test/support/kill-sink.ts';
import { formatTally } from '../test/support/kill-tally.ts';
import { runTrial } from '../test/support/kill-trial.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    sink: { type: 'string', default: 'lake' },
  },
});
const { sink } = values;
if (!isSink(sink)) throw new Error(`--sink: found "${sink}", expected one of ${Object.keys(SINKS).join(', ')}`);
const app = await buildApp();
try {
  const startedAt = performance.now();
  const tally = await runTrial({ app, sink, kills: Number(values.kills), seed: Number(values.seed) });
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`seed ${values.seed}, ${sink}, ${seconds} s: ${formatTally(tally)}`);
} finally {
  await removeApp(app);
}

function isSink(name: string): name is keyof typeof SINKS {
  return Object.hasOwn(SINKS, name);
}
