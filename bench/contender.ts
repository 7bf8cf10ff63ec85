// One contender in a process of its own, bundled as the app is. Forked with its task as JSON; sends what it took.
import { prepareFetch } from './fetch.ts';
import { prepareLimit } from './limit.ts';
import { prepareOurs } from './ours.ts';
import { prepareSdk } from './sdk.ts';
import type { Taken, Task } from './task.ts';

const task = JSON.parse(process.argv[2] ?? '') as Task;
const prepare = {
  ours: prepareOurs,
  limit: prepareLimit,
  sdk: prepareSdk,
  'sdk, level 1': prepareSdk,
  'five at once': prepareFetch,
}[task.contender];
const work = await prepare(task);
const cpu = process.cpuUsage();
const startedMs = performance.now();
const result = await work();
const ms = performance.now() - startedMs;
const { user, system } = process.cpuUsage(cpu);
const reports = typeof result === 'number' ? [] : result;
const taken: Taken = {
  ms,
  cpuMs: (user + system) / 1000,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  rows: typeof result === 'number' ? result : reports.reduce((sum, report) => sum + report.rows, 0),
  report: reports[0],
};
process.send?.(taken, () => process.exit());
