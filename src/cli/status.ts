import { formatDuration, formatTable } from '../core/human.ts';
import { newestPart, type Part } from '../core/lake/part.ts';
import type { Store } from '../core/lake/store.ts';
import { readWatermark } from '../core/lake/watermark.ts';
import { formatIso } from '../core/window.ts';
import { openSchedule } from '../settings/schedule.ts';
import type { ExportSettings } from '../settings/settings.ts';
import { chooseExports, EXPORT, type Input, messageOf, type Verb } from './verb.ts';

/** A run publishes within minutes of its commit. */
const PUBLISHING_MS = 15 * 60_000;
/** Schedule intervals that an export may miss before it counts as behind. */
const MISSED_LIMIT = 3;

export const status: Verb<typeof EXPORT> = {
  name: 'status',
  summary: 'show how far each export is, and what is wrong',
  help: `For each export: the watermark (everything ingested before it has been exported), how long ago that is, the
newest part with its rows, and what is wrong. Reads the sink only, not Logs.

Exit code: 0 nothing is wrong (an export that has not begun is not), 1 something is, 2 wrong settings or arguments.`,
  options: EXPORT,
  async execute(input) {
    const store = await input.app.openStore();
    const states = await Promise.all(chooseExports(input).map((exported) => look(input, store, exported)));
    const lines = input.options.json ? states.map((state) => JSON.stringify(state)) : formatTable(table(states));
    for (const line of lines) input.terminal.print(line);
    return states.some(({ problems }) => problems.length > 0) ? 1 : 0;
  },
};

interface State {
  readonly export: string;
  /** ISO 8601 in UTC; left out before the first run. */
  readonly watermark?: string;
  readonly lagMs?: number;
  readonly lastPart?: Part | undefined;
  readonly problems: readonly string[];
}

async function look({ app }: Input, store: Store, { name, schedule }: ExportSettings): Promise<State> {
  try {
    const [found, lastPart] = await Promise.all([readWatermark(store, name), newestPart(store, name)]);
    if (found === undefined) {
      const problems = lastPart === undefined ? [] : ['there are parts, but no watermark: see the next run'];
      return { export: name, lastPart, problems };
    }
    const { source, publishing, exportedUntilMs } = found.watermark;
    const problems: string[] = [];
    if (source.toLowerCase() !== app.settings.workspaceId) problems.push(`belongs to workspace ${source}`);
    if (publishing.length > 0 && Date.now() - found.modifiedMs > PUBLISHING_MS) {
      problems.push(`a run ended before it had published ${publishing.length} parts; the next run does`);
    }
    const lagMs = Date.now() - exportedUntilMs;
    const limitMs = MISSED_LIMIT * intervalMs(schedule) + app.settings.lagMs;
    if (lagMs > limitMs) problems.push(`is behind: more than ${formatDuration(limitMs)}`);
    return { export: name, watermark: formatIso(exportedUntilMs), lagMs, lastPart, problems };
  } catch (error) {
    return { export: name, problems: [messageOf(error)] };
  }
}

function intervalMs(schedule: string): number {
  const [first, second] = openSchedule(schedule).nextRuns(2);
  return first === undefined || second === undefined ? 0 : second.getTime() - first.getTime();
}

function table(states: readonly State[]): string[][] {
  const rows = states.map(({ export: name, watermark, lagMs, lastPart, problems }) => [
    name,
    watermark ?? '-',
    lagMs === undefined ? '-' : formatDuration(lagMs),
    lastPart === undefined ? '-' : `${formatIso(lastPart.startMs)} (${lastPart.rows} rows)`,
    problems.join('; ') || (watermark === undefined ? 'has not begun' : 'ok'),
  ]);
  return [['EXPORT', 'WATERMARK', 'LAG', 'LAST PART', 'STATE'], ...rows];
}
