import { OversizeError } from './logs.ts';
import { narrow } from './narrow.ts';
import { type Opened, openExport } from './open.ts';
import { createPace, type Pace } from './pace.ts';
import { reasonOf } from './reason.ts';
import { beginRun, type ExportOptions, elapsedMs, type Ports, type Run, type RunReport } from './run.ts';
import { type Look, type Position, SupersededError } from './sink.ts';
import { type StagedWindow, stageWindow } from './stage.ts';
import { formatIso, type Window } from './window.ts';

/** A run failed; nothing is lost, and the next one goes on. The message is the whole reason. */
export class RunError extends Error {
  override readonly name = 'RunError';
  readonly report: RunReport;

  constructor(report: RunReport, cause: unknown) {
    report.outcome = 'failed';
    report.reason = reasonOf(cause);
    super(`run ${report.runId} failed: ${report.reason}`, { cause });
    this.report = report;
  }
}

/** Far more windows than a run can export within its budget. */
const WINDOWS_LIMIT = 10_000;
/** Answers that are too fresh lower the horizon; after so many the run leaves the rest to the next one. */
const EARLY_ANSWERS_LIMIT = 3;
/** `Date` headers have no fractions. */
const DATE_PRECISION_MS = 1_000;

/**
 * Runs one export once: reads the watermark, finishes what a crash left, and exports window by window until the
 * horizon or the budget. Resolves also when another run won (`superseded`) or `signal` stopped it (`stopped`).
 * @throws RunError
 */
export async function runExport(options: ExportOptions, ports: Ports, signal: AbortSignal): Promise<RunReport> {
  const run = beginRun(options, ports, signal);
  const { report } = run;
  try {
    signal.throwIfAborted();
    await exportAll(run, await openExport(run));
    if (signal.aborted) report.outcome = 'stopped';
  } catch (error) {
    if (error instanceof SupersededError) report.outcome = 'superseded';
    else if (signal.aborted) report.outcome = 'stopped';
    else throw new RunError(report, error);
    report.reason = reasonOf(error);
    ports.log.info(`${options.name}: ${report.outcome}: ${report.reason}`);
  } finally {
    report.durationMs = Math.round(elapsedMs(run));
    ports.onProgress?.(report);
  }
  return report;
}

async function exportAll(run: Run, opened: Opened): Promise<void> {
  const { report, options, ports, startedAtMs } = run;
  const { session } = opened;
  report.exportedFromMs = session.position.exportedUntilMs;
  note(run, opened);
  const horizonMs = startedAtMs - options.lagMs - DATE_PRECISION_MS;
  const pace = createPace(session.position.windowMs, options.windowMs, horizonMs);
  try {
    await session.publish();
    await exportWindows(run, opened, pace);
  } catch (error) {
    await session.close(kept(opened, pace)).catch((second) => ports.log.debug(`${options.name}: ${second}`));
    throw error;
  }
  await session.close(kept(opened, pace));
  // Last, so that a slow sweep never keeps a run from its windows.
  if (report.windows === 0) return;
  await session.sweep(run.signal).catch((error) => ports.log.warn(`${options.name}: the sweep failed: ${error}`));
}

async function exportWindows(run: Run, opened: Opened, pace: Pace): Promise<void> {
  const { session } = opened;
  let earlyAnswers = 0;
  for (let windows = 0; windows < WINDOWS_LIMIT && !run.signal.aborted; windows++) {
    const window = pace.next(session.position.exportedUntilMs);
    if (window === undefined || elapsedMs(run) >= run.options.budgetMs) return;
    const staged = await stageOrNarrow(run, opened, pace, window);
    if (staged === undefined) continue;
    if (isTooEarly(run, pace, staged)) {
      await session.discard(staged.parts);
      earlyAnswers += 1;
      if (earlyAnswers === EARLY_ANSWERS_LIMIT) return;
      continue;
    }
    if (opened.isNew && run.report.rows === 0 && staged.rows > 0) warnOfColumns(run, opened.look, staged);
    pace.grow(window, staged);
    await session.commit(following(run, opened, pace, staged), staged.parts);
    count(run, staged);
    await session.publish();
    note(run, opened);
  }
}

/** `undefined` when the answer was too much, and the window size has been made smaller. */
async function stageOrNarrow(run: Run, opened: Opened, pace: Pace, window: Window): Promise<StagedWindow | undefined> {
  try {
    return await stageWindow(run, opened, window);
  } catch (error) {
    if (!(error instanceof OversizeError)) throw error;
    pace.lower(error);
    pace.shrink(await narrow(run, opened, window, error, pace.targetRows));
    run.ports.log.debug(`${run.options.name}: ${error.message}; going on with windows of ${pace.sizeMs} ms`);
    return undefined;
  }
}

/** Whether rows of the window may not have settled yet when the service read them, by the service's own clock. */
function isTooEarly(run: Run, pace: Pace, { window, asOfMs, bytes }: StagedWindow): boolean {
  const { lagMs, name } = run.options;
  if (window.endMs + lagMs <= asOfMs) return false;
  run.report.discardedAnswers += 1;
  run.report.discardedBytes += bytes;
  const horizonMs = Math.floor(asOfMs - lagMs);
  pace.stopAt(horizonMs);
  const skewMs = Math.round(window.endMs + lagMs - asOfMs);
  run.ports.log.warn(
    `${name}: this machine's clock is at least ${skewMs} ms ahead of the service's; the answer is thrown away, and ` +
      `nothing after ${formatIso(horizonMs)} is read in this run. Correct the clock`,
  );
  return true;
}

/** Once, for a query that is new: with the first rows of its answers. */
function warnOfColumns(run: Run, { itemId }: Look, { columns }: StagedWindow): void {
  if (itemId === undefined || columns.includes(itemId)) return;
  run.ports.log.warn(
    `${run.options.name}: the query drops ${itemId}, so that nobody can tell the exported rows apart; keep it in the ` +
      'projection',
  );
}

/** The position behind a window. */
function following(run: Run, { session, look }: Opened, pace: Pace, staged: StagedWindow): Position {
  return {
    ...session.position,
    query: run.ports.table.text,
    exportedUntilMs: staged.window.endMs,
    windowMs: pace.sizeMs,
    look: proven(look, staged.rows),
  };
}

/** The position to keep at the end of a run: a window size that was learned without a commit. */
function kept({ session }: Opened, pace: Pace): Position {
  return { ...session.position, windowMs: pace.unkeptMs ?? session.position.windowMs };
}

/** A row of a window has an ingestion time. */
function proven(look: Look, rows: number): Look {
  return look.proven || rows === 0 ? look : { ...look, proven: true };
}

function count({ report }: Run, staged: StagedWindow): void {
  report.windows += 1;
  report.parts += staged.parts.length;
  report.rows += staged.rows;
  report.bytes += staged.parts.reduce((bytes, part) => bytes + part.bytes, 0);
  report.answerBytes += staged.bytes;
}

function note(run: Run, { session }: Opened): void {
  const { report, ports } = run;
  report.exportedUntilMs = session.position.exportedUntilMs;
  report.lagMs = Math.round(ports.clock.now() - report.exportedUntilMs);
  report.durationMs = Math.round(elapsedMs(run));
  ports.onProgress?.(report);
}
