import { formatBytes, formatDuration, formatTable } from '../core/human.ts';
import { measure, type Plan, planOf } from '../core/plan.ts';
import { DAY_MS } from '../core/window.ts';
import { intervalOf } from '../settings/schedule.ts';
import type { ExportSettings } from '../settings/settings.ts';
import { ArgumentError, type Input, inTurn, type Options, type Verb } from './verb.ts';

const OPTIONS = {
  days: { type: 'string', value: 'DAYS', help: 'so many days back are measured, 7 by default, 90 at most' },
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
    const days = readDays(input.options.days);
    const plans: [name: string, plan: Plan][] = [];
    const code = await inTurn(input, async (exported) => {
      input.terminal.show(`${exported.name}: measuring`);
      plans.push([exported.name, await planOne(input, exported, days)]);
      return true;
    });
    // A sum over some of the exports would be taken for that over all.
    if (input.signal.aborted) return 1;
    input.print(
      [...formatTable(tableOf(plans)), ...plans.flatMap(([name, found]) => noteOf(name, found))],
      plans.map(([name, found]) => ({ export: name, ...found })),
    );
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

type Sums = Pick<Plan, 'rows' | 'jsonBytes' | 'lakeBytes' | 'queries' | 'storageRequests' | 'gbSeconds'>;

function tableOf(plans: readonly [string, Plan][]): string[][] {
  const head = ['A DAY', 'ROWS', 'JSON', 'LAKE', 'PEAK/S', 'QUERIES', 'REQUESTS', 'GB-S', '90 DAYS TAKE'];
  const rows = plans.map(([name, each]) =>
    rowOf(name, each, each.peakRows.toFixed(1), formatDuration(each.backfillDays * DAY_MS)),
  );
  const sum = (key: keyof Sums) => plans.reduce((total, [, each]) => total + each[key], 0);
  const all = {
    rows: sum('rows'),
    jsonBytes: sum('jsonBytes'),
    lakeBytes: sum('lakeBytes'),
    queries: sum('queries'),
    storageRequests: sum('storageRequests'),
    gbSeconds: sum('gbSeconds'),
  };
  return [head, ...rows, rowOf('all', all, '', '')];
}

function rowOf(name: string, sums: Sums, peak: string, backfill: string): string[] {
  const sizes = [sums.jsonBytes, sums.lakeBytes].map(formatBytes);
  const counts = [sums.queries, sums.storageRequests, sums.gbSeconds].map((count) => String(Math.round(count)));
  return [name, String(Math.round(sums.rows)), ...sizes, peak, ...counts, backfill];
}

function noteOf(name: string, { exports }: Plan): string[] {
  if (exports === 1) return [];
  return [`${name}: the busiest hour is more than one export carries: split it into ${exports} (docs/sources.md)`];
}
