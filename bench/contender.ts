// One contender in a process of its own, bundled as the app is. Forked with its task as JSON; sends what it took.
import { prepareFetch } from './fetch.ts';
import { prepareLimit } from './limit.ts';
import { prepareOurs } from './ours.ts';
import { prepareSdk } from './sdk.ts';
import type { Taken, Task, Time, Work } from './task.ts';

const task = JSON.parse(process.argv[2] ?? '') as Task;
const prepare = {
  ours: prepareOurs,
  limit: prepareLimit,
  sdk: prepareSdk,
  'sdk, level 1': prepareSdk,
  'five at once': prepareFetch,
}[task.contender];
const made = await prepare(task);
const work: Pick<Work, 'run'> & Partial<Work> = typeof made === 'function' ? { run: made } : made;
const turns: Time[] = [];
let result: Awaited<ReturnType<Work['run']>> = 0;
for (let turn = 0; turn < (task.turns ?? 1); turn++) {
  if (turn > 0) await work.again?.();
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  result = await work.run();
  const ms = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  turns.push({ ms, cpuMs: (user + system) / 1000 });
}
const reports = typeof result === 'number' ? [] : result;
const taken: Taken = {
  ms: turns.reduce((sum, { ms }) => sum + ms, 0),
  cpuMs: turns.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  turns,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  rows: typeof result === 'number' ? result : reports.reduce((sum, report) => sum + report.rows, 0),
  report: reports[0],
};
process.send?.(taken, () => process.exit());
