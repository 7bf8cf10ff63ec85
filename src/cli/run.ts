import { setTimeout } from 'node:timers/promises';
import { RunError } from '../core/exporter.ts';
import { formatDuration, formatTotals } from '../core/human.ts';
import type { RunReport } from '../core/run.ts';
import { toRecord } from '../core/run-record.ts';
import { formatIso } from '../core/window.ts';
import { openSchedule } from '../settings/schedule.ts';
import type { ExportSettings } from '../settings/settings.ts';
import { atOnce, type Input, type Options, type Verb } from './verb.ts';

/** A timer of more than 24 days fires at once, and a machine may sleep. */
const NAP_MS = 60_000;

const OPTIONS = {
  once: { type: 'boolean', help: 'run each export once, and end' },
} as const satisfies Options;

export const run: Verb<typeof OPTIONS> = {
  name: 'run',
  summary: 'export what has been ingested since the watermark',
  help: `Exports everything that has been ingested since the watermark of each export, and moves the watermark.
Without --once it stays and keeps the schedules of the settings (EXPORT_SCHEDULE, <NAME>_SCHEDULE; UTC),
as the Functions host does: for a VM or a container. The first run of each export is at its next time.

Ctrl-C and SIGTERM stop within ten seconds and lose nothing: the next run goes on from the watermark.
Exit code: 0 done, 1 a run failed (with --once), 2 wrong settings or arguments, 130 or 143 stopped.

Examples:
  monitorlift run --once --export requests
  EXPORT_LOOKBACK_HOURS=24 monitorlift run --once     begin a day back, where nothing was exported yet`,
  options: OPTIONS,
  async execute(input) {
    const { exports } = input;
    if (!input.options.once) {
      // Without --once it would go on for ever, for nobody.
      const signal = AbortSignal.any([input.signal, input.terminal.closed]);
      await Promise.all(exports.map((exported) => keepSchedule({ ...input, signal }, exported)));
      return 0;
    }
    if (exports.length > 1) {
      input.terminal.log.info(
        `exporting ${exports.map(({ name }) => name).join(', ')}: a line for each when it has ended`,
      );
    }
    return atOnce(input, (exported) => runOnce(input, exported));
  },
};

/** Runs at each time of the schedule; a time that comes while a run is under way is left out. Ends with the signal. */
async function keepSchedule(input: Input<typeof OPTIONS>, exported: ExportSettings): Promise<void> {
  const { signal, terminal } = input;
  const schedule = openSchedule(exported.schedule);
  const nextMs = () => schedule.nextRun()?.getTime() ?? Number.POSITIVE_INFINITY;
  terminal.log.info(`${exported.name}: the next run is at ${formatIso(nextMs())} (${exported.schedule})`);
  let atMs = nextMs();
  while (!signal.aborted) {
    const waitMs = atMs - Date.now();
    if (waitMs > 0) {
      await setTimeout(Math.min(waitMs, NAP_MS), undefined, { signal }).catch(() => undefined);
      // The clock may have been set back meanwhile: then there is an earlier time.
      atMs = Math.min(atMs, nextMs());
      continue;
    }
    await runOnce(input, exported);
    atMs = nextMs();
  }
}

/** Whether the run did not fail. Prints how it went. */
async function runOnce(input: Input<typeof OPTIONS>, exported: ExportSettings): Promise<boolean> {
  const { app, terminal, print, signal } = input;
  if (signal.aborted) return true;
  const onProgress = (report: RunReport) => terminal.show(formatReport(report, 'exporting'));
  try {
    const report = await app.run(exported, { log: terminal.log, onProgress }, signal);
    print([formatReport(report, report.outcome)], [toRecord(report)]);
    return true;
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    print([`${exported.name}: failed: ${error.report.reason}`], [toRecord(error.report)]);
    return false;
  }
}

function formatReport(report: RunReport, state: string): string {
  const until = report.exportedUntilMs === undefined ? '' : `, until ${formatIso(report.exportedUntilMs)}`;
  const lag = report.lagMs === undefined ? '' : ` (${formatDuration(report.lagMs)} ago)`;
  const why = report.reason === undefined ? '' : `: ${report.reason}`;
  return `${report.export}: ${state} ${formatTotals(report)}${until}${lag}, took ${formatDuration(report.durationMs)}${why}`;
}
