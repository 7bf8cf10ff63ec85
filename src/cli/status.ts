import { formatDuration, formatTable } from '../core/format.ts';
import { newestPart, type Part } from '../core/part.ts';
import type { Store } from '../core/store.ts';
import { readWatermark, type StoredWatermark } from '../core/watermark.ts';
import { formatIso } from '../core/window.ts';
import type { ExportSettings } from '../settings.ts';
import { openSchedule } from '../settings-schedule.ts';
import { chooseExports, type Input, messageOf, type Verb } from './verb.ts';

/** A run publishes within minutes of its commit. */
const PUBLISHING_MS = 15 * 60_000;
/** Schedule intervals that an export may miss before it counts as behind. */
const MISSED_LIMIT = 3;

export const status: Verb = {
  summary: 'show how far each export is, and what is wrong',
  help: `Usage: monitorlift status [--export NAME] [--json]

For each export: the watermark (everything ingested before it has been exported), how long ago that is, the newest part
with its rows, and what is wrong. Reads the sink only, not Logs.

  --export NAME   only this export (in any case)
  --json          one JSON object per export on standard output

Exit code: 0 nothing is wrong (an export that has not begun is not), 1 something is, 2 wrong settings or arguments.`,
  options: ['export'],
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
  readonly lastPart?: Part;
  readonly problems: readonly string[];
}

async function look({ app }: Input, store: Store, exported: ExportSettings): Promise<State> {
  const { name } = exported;
  try {
    const [found, lastPart] = await Promise.all([readWatermark(store, name), newestPart(store, name)]);
    const part = lastPart === undefined ? {} : { lastPart };
    if (found === undefined) {
      const problems =
        lastPart === undefined ? [] : ['there are parts, but the watermark is missing: see the next run'];
      return { export: name, ...part, problems };
    }
    const { exportedUntilMs } = found.watermark;
    const lagMs = Date.now() - exportedUntilMs;
    const { workspaceId, lagMs: settleMs } = app.settings;
    const problems = judge(found, workspaceId, MISSED_LIMIT * intervalMs(exported.schedule) + settleMs);
    return { export: name, watermark: formatIso(exportedUntilMs), lagMs, ...part, problems };
  } catch (error) {
    return { export: name, problems: [messageOf(error)] };
  }
}

function judge({ watermark, modifiedMs }: StoredWatermark, workspaceId: string, lagLimitMs: number): string[] {
  const problems: string[] = [];
  if (watermark.source.toLowerCase() !== workspaceId) problems.push(`belongs to workspace ${watermark.source}`);
  if (watermark.publishing.length > 0 && Date.now() - modifiedMs > PUBLISHING_MS) {
    problems.push(`a run ended before it had published ${watermark.publishing.length} parts; the next run does`);
  }
  const lagMs = Date.now() - watermark.exportedUntilMs;
  if (lagMs > lagLimitMs) problems.push(`is behind: more than ${formatDuration(lagLimitMs)}`);
  return problems;
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
