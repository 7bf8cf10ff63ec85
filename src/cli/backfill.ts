import { setTimeout } from 'node:timers/promises';
import { type BackfillRange, RefusedError, readBackfills } from '../core/backfill.ts';
import { RunError } from '../core/exporter.ts';
import { formatCount, formatDuration } from '../core/human.ts';
import { reasonOf } from '../core/reason.ts';
import type { RunReport } from '../core/run.ts';
import { toRecord } from '../core/run-record.ts';
import { sum } from '../core/sum.ts';
import { type Survey, surveyBackfill } from '../core/survey.ts';
import { formatIso } from '../core/window.ts';
import type { ExportSettings } from '../settings/settings.ts';
import { createProgress, type Progress } from './backfill-progress.ts';
import { readRange } from './times.ts';
import { ArgumentError, type Input, inTurn, type Options, type Verb } from './verb.ts';

const OPTIONS = {
  from: { type: 'string', value: 'TIME', help: 'UTC, such as 2026-09-01T00:00:00Z' },
  until: { type: 'string', value: 'TIME', help: 'where the export began, if its watermark does not know' },
  again: { type: 'boolean', help: 'export a range again whose parts were deleted' },
  to: { type: 'string', value: 'TIME', help: 'with --again: the end of the range, a whole hour' },
  'no-reader-took-any': { type: 'boolean', help: 'with --again: you are sure of it' },
} as const satisfies Options;

export const backfill: Verb<typeof OPTIONS> = {
  name: 'backfill',
  summary: 'export what lies before an export begins',
  help: `Exports what was ingested from TIME on until where the export began, beside what runs export meanwhile. Counts
first what it is going to ask for. Ctrl-C and SIGTERM lose nothing: the same command goes on, and so do the runs of
timers with what is left of their budget. Logs gives what the table's retention still holds.

--again exports a range inside what has been exported once more, after its parts were deleted: by an accident, or
to have hours right that verify calls missing. The range is of whole hours, which are then recounted. It refuses one
of which a part is there; until the recount the same command does nothing, unless the parts are gone again. Rows of
parts that a reader took away, instead of deleting them, would reach that reader twice: only you can know, so say it
with --no-reader-took-any.

Exit code: 0 done, or as far as rows have settled, 1 an export failed or was refused, 2 wrong settings or arguments, 130 or 143
stopped.

Examples:
  monitorlift backfill --from 2026-09-01T00:00:00Z --export requests
  monitorlift backfill --again --from 2026-11-20T08:00:00Z --to 2026-11-20T10:00:00Z --export requests \\
    --no-reader-took-any`,
  options: OPTIONS,
  async execute(input) {
    const range = rangeOf(input);
    return inTurn(input, (exported) => backfillOne(input, exported, range));
  },
};

function rangeOf({ options }: Input<typeof OPTIONS>): BackfillRange {
  const { from, until, again = false, to } = options;
  const { fromMs, untilMs } = readRange(from, again ? 'to' : 'until', again ? to : until);
  if (fromMs === undefined) throw new ArgumentError('backfill needs --from TIME, such as --from 2026-09-01T00:00:00Z');
  if (again && to === undefined) throw new ArgumentError('--again needs --to TIME, the end of the range');
  if (!again && to !== undefined)
    throw new ArgumentError('--to is for --again: without it a backfill ends where the export began');
  if (!again && options['no-reader-took-any']) throw new ArgumentError('--no-reader-took-any is for --again');
  if (again && until !== undefined) throw new ArgumentError('--until does not go with --again: use --to');
  if (again && options.export === undefined) throw new ArgumentError('--again needs --export NAME');
  if (again && !options['no-reader-took-any']) {
    throw new ArgumentError(
      'with --again rows that a reader took away would be there twice: if no reader took any part of the range, say so ' +
        'with --no-reader-took-any',
    );
  }
  return { fromMs, untilMs, again };
}

/** Runs that may pass without any progress: another one is at it, or what is left has not settled. */
const IDLE_LIMIT = 3;
const IDLE_PAUSE_MS = 2_000;
/** Each run exports for minutes. */
const RUNS_LIMIT = 100_000;

/** Whether it did not fail. Prints how it went. */
async function backfillOne(input: Input<typeof OPTIONS>, exported: ExportSettings, range: BackfillRange) {
  const { app, terminal, print, signal } = input;
  const { name } = exported;
  try {
    const ports = await app.openPorts(exported, { log: terminal.log });
    const survey = await surveyBackfill(ports, { name, lookbackMs: app.settings.lookbackMs }, range, signal);
    print([`${name}: ${describe(survey, range)}`], [{ event: 'survey', export: name, ...surveyRecord(survey) }]);
    if (survey.withoutTime > 0) {
      terminal.log.warn(
        `${name}: the table has ${formatCount(survey.withoutTime, 'row')} without an ingestion time, which no window holds`,
      );
    }
    if (survey.ranges.length === 0) return true;
    const progress = createProgress(name, survey, performance.now());
    const end = await work(input, exported, range, progress);
    print(
      [`${name}: ${end.text}; ${progress.summary(performance.now())}`],
      [{ ...toRecord(end.report), event: 'backfill', ...progress.totals, text: end.text }],
    );
    return true;
  } catch (error) {
    if (signal.aborted) return true;
    const reason = error instanceof RunError ? (error.report.reason ?? '') : reasonOf(error);
    const isRefused = [error, (error as Error).cause].some((each) => each instanceof RefusedError);
    print(
      [`${name}: ${isRefused ? `refused: ${reason}` : `failed: ${reason}. The same command goes on`}`],
      [{ event: 'backfill', export: name, error: reason }],
    );
    return false;
  }
}

/** Runs the backfill again and again until nothing is left. */
async function work(input: Input<typeof OPTIONS>, exported: ExportSettings, range: BackfillRange, progress: Progress) {
  const { app, terminal, holder, signal } = input;
  const sink = await app.openSink();
  const onProgress = (report: RunReport) => {
    const line = progress.note(report, performance.now());
    if (!terminal.show(line) && progress.isLineDue(performance.now())) terminal.log.info(line);
  };
  let before = '';
  let idle = 0;
  let unlisted: BackfillRange | undefined = range;
  for (let runs = 0; ; runs++) {
    const report = await app.backfill(exported, unlisted, { log: terminal.log, onProgress }, signal);
    progress.add(report);
    // Once: what another run has finished since is not to be exported a second time.
    if (report.outcome === 'exported') unlisted = undefined;
    if (signal.aborted) return { report, text: 'stopped; the same command goes on' };
    if (report.reason !== undefined) terminal.log.info(`${exported.name}: ${report.outcome}: ${report.reason}`);
    const position = (await sink.open(exported.name, holder))?.position;
    const listed = position === undefined ? [] : await readBackfills(sink, position, holder);
    const left = listed.filter(({ exportedUntilMs, untilMs }) => exportedUntilMs < untilMs);
    if (left.length === 0) {
      return { report, text: listed.length === 0 ? 'done' : 'done; its last hours are recounted by the runs to come' };
    }
    const now = JSON.stringify(left.map(({ exportedUntilMs }) => exportedUntilMs));
    idle = now === before ? idle + 1 : 0;
    before = now;
    if (idle === IDLE_LIMIT || runs === RUNS_LIMIT) {
      const rest = left.map((each) => `${formatIso(each.exportedUntilMs)} to ${formatIso(each.untilMs)}`);
      return { report, text: `still to come, when it has settled or by another run: ${rest.join(', ')}` };
    }
    if (idle > 0) await setTimeout(IDLE_PAUSE_MS, undefined, { signal }).catch(() => undefined);
  }
}

function describe({ ranges, days, isCounted, oldestMs }: Survey, { again }: BackfillRange): string {
  if (ranges.length === 0) {
    return again
      ? 'nothing to do: it has been exported again, and its hours are recounted by the runs to come. Should its parts be ' +
          'deleted meanwhile, delete all of them and repeat the command'
      : 'nothing to do: it has been exported from there on';
  }
  const rows = sum(days, (day) => day.rows);
  const lengthMs = sum(ranges, ({ startMs, endMs }) => endMs - startMs);
  const most = Math.max(0, ...days.map((day) => day.rows));
  const spans = ranges.map(({ startMs, endMs }) => `${formatIso(startMs)} to ${formatIso(endMs)}`);
  const counted = isCounted
    ? `${formatCount(rows, 'row')} in ${formatDuration(lengthMs)}, at most ${most} in a day`
    : 'too many to count';
  const oldest =
    oldestMs === undefined ? 'the table has no rows' : `the oldest row of the table is of ${formatIso(oldestMs)}`;
  return `${spans.join(' and ')}: ${counted}; ${oldest}`;
}

function surveyRecord({ ranges, days, isCounted, oldestMs, withoutTime }: Survey): object {
  return {
    ranges: ranges.map(({ startMs, endMs }) => ({ from: formatIso(startMs), until: formatIso(endMs) })),
    days: days.map(({ startMs, rows }) => ({ from: formatIso(startMs), rows })),
    isCounted,
    withoutTime,
    oldest: oldestMs === undefined ? undefined : formatIso(oldestMs),
  };
}
