import { newRunId } from '../app.ts';
import { formatDuration, formatTable } from '../core/human.ts';
import type { BackfillProgress } from '../core/run.ts';
import { type Expected, type ExportStatus, readStatus } from '../core/status.ts';
import { formatIso } from '../core/window.ts';
import { openSchedule } from '../settings/schedule.ts';
import type { ExportSettings } from '../settings/settings.ts';
import { chooseExports, EXPORT, type Input, type Verb } from './verb.ts';

export const status: Verb<typeof EXPORT> = {
  name: 'status',
  summary: 'show how far each export is, and what is wrong',
  help: `For each export: the watermark (everything ingested before it has been exported), how long ago that is, the
newest part with its rows, what is wrong, and how far backfills are. Reads the sink only, not Logs.

Exit code: 0 nothing is wrong (an export that has not begun is not), 1 something is, 2 wrong settings or arguments.`,
  options: EXPORT,
  async execute(input) {
    const sink = await input.app.openSink();
    const holder = { runId: newRunId(), log: input.terminal.log };
    const nowMs = Date.now();
    const states = await Promise.all(
      chooseExports(input).map((exported) => readStatus(sink, expected(input, exported), holder, nowMs)),
    );
    const lines = input.options.json
      ? states.map((state) => JSON.stringify(toRecord(state)))
      : formatTable(table(states));
    for (const line of lines) input.terminal.print(line);
    return states.some(({ problems }) => problems.length > 0) ? 1 : 0;
  },
};

function expected({ app }: Input, { name, schedule }: ExportSettings): Expected {
  const { workspaceId, lagMs } = app.settings;
  const [first, second] = openSchedule(schedule).nextRuns(2);
  const intervalMs = first === undefined || second === undefined ? 0 : second.getTime() - first.getTime();
  return { name, source: workspaceId, intervalMs, lagMs };
}

/** For machines. */
function toRecord({ export: name, exportedUntilMs, lagMs, lastPart, backfills, problems }: ExportStatus): object {
  const listed = backfills.map(({ fromMs, untilMs, exportedUntilMs: soFarMs }) => ({
    from: formatIso(fromMs),
    until: formatIso(untilMs),
    exportedUntil: formatIso(soFarMs),
  }));
  const watermark = exportedUntilMs && formatIso(exportedUntilMs);
  return { export: name, watermark, lagMs, lastPart, backfills: listed, problems };
}

function table(states: readonly ExportStatus[]): string[][] {
  const rows = states.map(({ export: name, exportedUntilMs, lagMs, lastPart, backfills, problems }) => [
    name,
    exportedUntilMs === undefined ? '-' : formatIso(exportedUntilMs),
    lagMs === undefined ? '-' : formatDuration(lagMs),
    lastPart === undefined ? '-' : `${formatIso(lastPart.startMs)} (${lastPart.rows} rows)`,
    [problems.join('; ') || (exportedUntilMs === undefined ? 'has not begun' : 'ok'), ...backfills.map(describe)].join(
      '; ',
    ),
  ]);
  return [['EXPORT', 'WATERMARK', 'LAG', 'LAST PART', 'STATE'], ...rows];
}

function describe({ fromMs, untilMs, exportedUntilMs }: BackfillProgress): string {
  const range = `backfill of ${formatIso(fromMs)} to ${formatIso(untilMs)}`;
  if (exportedUntilMs >= untilMs) return `${range} is exported, and not recounted yet`;
  return `${range}: ${Math.floor((100 * (exportedUntilMs - fromMs)) / (untilMs - fromMs))} %`;
}
