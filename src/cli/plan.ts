import { formatBytes, formatDuration, formatTable } from '../core/human.ts';
import { measure, type Plan, planOf } from '../core/plan.ts';
import { reasonOf } from '../core/reason.ts';
import { DAY_MS } from '../core/window.ts';
import { intervalOf } from '../settings/schedule.ts';
import type { ExportSettings } from '../settings/settings.ts';
import { ArgumentError, chooseExports, EXPORT, type Input, type Options, type Verb } from './verb.ts';

const OPTIONS = {
  days: { type: 'string', value: 'DAYS', help: 'so many days back are measured, 7 by default, 90 at most' },
  ...EXPORT,
} as const satisfies Options;
const QUERY_MS = 300_000;

export const plan: Verb<typeof OPTIONS> = {
  name: 'plan',
  summary: 'estimate a day of each export before switching it on',
  help: `Measures the table of each export in Logs (a look, two counts, and a sample of at most 20,000 rows, which is
encoded and thrown away) and says what a day will be if it is like those before: rows, JSON from Logs, bytes in the
lake, rows a second in the busiest minute, queries, requests to the lake, function GB-seconds of an instance of 2 GB,
and how long it takes to export 90 days of the past. Writes nothing. Time is that of this machine and its line to
Logs. The query must keep IngestionTime.

A table that one export cannot carry in its busiest hour is said: docs/sources.md shows how to split it.

Exit code: 0 done, 1 an export could not be measured, 2 wrong settings or arguments, 130 or 143 stopped.`,
  options: OPTIONS,
  async execute(input) {
    const { terminal, options, signal } = input;
    const days = readDays(options.days);
    let code = 0;
    const plans: [name: string, plan: Plan][] = [];
    for (const exported of chooseExports(input)) {
      terminal.show(`${exported.name}: measuring`);
      await planOne(input, exported, days).then(
        (found) => plans.push([exported.name, found]),
        (error: unknown) => {
          if (signal.aborted) return;
          code = 1;
          terminal.log.error(`${exported.name}: ${reasonOf(error)}`);
        },
      );
      // A sum over some of the exports would be taken for that over all.
      if (signal.aborted) return 1;
    }
    const lines = options.json
      ? plans.map(([name, found]) => JSON.stringify({ export: name, ...found }))
      : [...formatTable(tableOf(plans)), ...plans.flatMap(([name, found]) => noteOf(name, found))];
    for (const line of lines) terminal.print(line);
    return code;
  },
};

async function planOne({ app, signal }: Input, exported: ExportSettings, days: number): Promise<Plan> {
  const [table, format] = await Promise.all([app.openTable(exported), app.openFormat()]);
  const { lagMs, windowMs, budgetMs, auditMs } = app.settings;
  const options = { days, intervalMs: intervalOf(exported.schedule), lagMs, windowMs, budgetMs, auditMs };
  const clock = { now: () => Date.now(), elapsed: () => performance.now() };
  return planOf(await measure(table, format.encode, options, clock, { signal, timeoutMs: QUERY_MS }), options);
}

function readDays(text = '7'): number {
  const days = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= 90) return days;
  throw new ArgumentError(`--days is a whole number from 1 to 90, found "${text}"`);
}

function tableOf(plans: readonly [string, Plan][]): string[][] {
  const count = (value: number) => String(Math.round(value));
  const rows = plans.map(([name, each]) => [
    name,
    count(each.rows),
    formatBytes(each.jsonBytes),
    formatBytes(each.lakeBytes),
    each.peakRows.toFixed(1),
    count(each.queries),
    count(each.storageRequests),
    count(each.gbSeconds),
    formatDuration(each.backfillDays * DAY_MS),
  ]);
  const sums = (['rows', 'jsonBytes', 'lakeBytes', 'queries', 'storageRequests', 'gbSeconds'] as const).map((key) =>
    plans.reduce((total, [, each]) => total + each[key], 0),
  );
  const [all = 0, json = 0, lake = 0, queries = 0, requests = 0, gbSeconds = 0] = sums;
  const last = [
    count(all),
    formatBytes(json),
    formatBytes(lake),
    '',
    count(queries),
    count(requests),
    count(gbSeconds),
    '',
  ];
  const head = ['A DAY', 'ROWS', 'JSON', 'LAKE', 'PEAK/S', 'QUERIES', 'REQUESTS', 'GB-S', '90 DAYS TAKE'];
  return [head, ...rows, ['all', ...last]];
}

function noteOf(name: string, { exports }: Plan): string[] {
  if (exports === 1) return [];
  return [`${name}: the busiest hour is more than one export carries: split it into ${exports} (docs/sources.md)`];
}
