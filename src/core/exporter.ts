import { commit, SupersededError, settle } from './lake/commit.ts';
import { publish } from './lake/publish.ts';
import { sweep } from './lake/sweep.ts';
import { OversizeError } from './logs.ts';
import { narrow } from './narrow.ts';
import { openWatermark } from './open.ts';
import { beginRun, type ExportOptions, elapsedMs, type Ports, type Run, type RunReport } from './run.ts';
import { lowerTargets, nextSize } from './sizing.ts';
import { discard, type StagedWindow, stageWindow, unstage } from './stage.ts';
import { formatIso, nextWindow, type Window } from './window.ts';

/** A run failed; nothing is lost, and the next one goes on. The message is that of `cause`. */
export class RunError extends Error {
  override readonly name = 'RunError';
  readonly report: RunReport;

  constructor(report: RunReport, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.report = report;
  }
}

/** Far more windows than a run can export within its budget. */
const WINDOWS_LIMIT = 10_000;
/** Answers that are too fresh lower the horizon; after so many the run leaves the rest to the next one. */
const EARLY_ANSWERS_LIMIT = 3;

/**
 * Runs one export once: reads the watermark, finishes what a crash left, and exports window by window until the
 * horizon or the budget. Resolves also when another run won (`superseded`) or `signal` stopped it (`stopped`).
 * @throws RunError
 */
export async function runExport(options: ExportOptions, ports: Ports, signal: AbortSignal): Promise<RunReport> {
  const begun = beginRun(options, ports, signal);
  const { report } = begun;
  try {
    signal.throwIfAborted();
    const current = await openWatermark(begun);
    const run: Run = { ...begun, current };
    await exportAll(run);
    if (signal.aborted) report.outcome = 'stopped';
  } catch (error) {
    if (error instanceof SupersededError) report.outcome = 'superseded';
    else if (signal.aborted) report.outcome = 'stopped';
    else report.outcome = 'failed';
    if (report.outcome === 'failed') throw new RunError(report, error);
    ports.log.info(`${options.name}: ${report.outcome}: ${error instanceof Error ? error.message : error}`);
  } finally {
    report.durationMs = Math.round(elapsedMs(begun));
    ports.onProgress?.(report);
  }
  return report;
}

async function exportAll(run: Run): Promise<void> {
  const { report, current, ports, options } = run;
  report.exportedFromMs = current.watermark.exportedUntilMs;
  run.sizeMs = Math.min(current.watermark.windowMs, options.windowMs);
  note(run);
  await publish(run);
  try {
    await exportWindows(run);
  } catch (error) {
    await finish(run).catch((second: unknown) => ports.log.debug(`${options.name}: ${second}`));
    throw error;
  }
  await finish(run);
  // Last, so that a slow sweep never keeps a run from its windows.
  if (report.windows === 0) return;
  await sweep(run).catch((error: unknown) => ports.log.warn(`${options.name}: the sweep failed: ${error}`));
}

async function finish(run: Run): Promise<void> {
  await unstage(run);
  if (run.published) await settle(run);
  if (run.names > 0) await discard(run, run.folder);
}

async function exportWindows(run: Run): Promise<void> {
  let earlyAnswers = 0;
  for (let windows = 0; windows < WINDOWS_LIMIT && !run.signal.aborted; windows++) {
    const window = nextWindow(run.current.watermark.exportedUntilMs, run.sizeMs, run.horizonMs);
    if (window === undefined || elapsedMs(run) >= run.options.budgetMs) return;
    const staged = await stageOrNarrow(run, window);
    if (staged === undefined) continue;
    if (isTooEarly(run, window, staged)) {
      await unstage(run);
      earlyAnswers += 1;
      if (earlyAnswers === EARLY_ANSWERS_LIMIT) return;
      continue;
    }
    run.sizeMs = nextSize(run.sizeMs, window, staged, run.targets, run.options.windowMs);
    await commit(run, window.endMs, staged.parts);
    count(run, staged);
    await publish(run);
    note(run);
  }
}

/** `undefined` when the answer was too much, and the window size has been made smaller. */
async function stageOrNarrow(run: Run, window: Window): Promise<StagedWindow | undefined> {
  try {
    return await stageWindow(run, window);
  } catch (error) {
    if (!(error instanceof OversizeError)) throw error;
    await unstage(run);
    run.targets = lowerTargets(run.targets, error);
    run.sizeMs = await narrow(run, window, error);
    run.narrowed = true;
    run.ports.log.debug(`${run.options.name}: ${error.message}; going on with windows of ${run.sizeMs} ms`);
    return undefined;
  }
}

/** Whether rows of the window may not have settled yet when the service read them, by the service's own clock. */
function isTooEarly(run: Run, window: Window, staged: StagedWindow): boolean {
  const { lagMs, name } = run.options;
  if (window.endMs + lagMs <= staged.asOfMs) return false;
  run.report.discardedAnswers += 1;
  run.report.discardedBytes += staged.bytes;
  run.horizonMs = Math.floor(staged.asOfMs - lagMs);
  const skewMs = Math.round(window.endMs + lagMs - staged.asOfMs);
  run.ports.log.warn(
    `${name}: this machine's clock is at least ${skewMs} ms ahead of the service's; the answer is thrown away, and ` +
      `nothing after ${formatIso(run.horizonMs)} is read in this run. Correct the clock`,
  );
  return true;
}

function count({ report }: Run, staged: StagedWindow): void {
  report.windows += 1;
  report.parts += staged.parts.length;
  report.rows += staged.rows;
  report.bytes += staged.parts.reduce((bytes, part) => bytes + part.bytes, 0);
  report.answerBytes += staged.bytes;
}

function note(run: Run): void {
  const { report, current, ports } = run;
  report.exportedUntilMs = current.watermark.exportedUntilMs;
  report.lagMs = Math.round(ports.clock.now() - report.exportedUntilMs);
  report.durationMs = Math.round(elapsedMs(run));
  ports.onProgress?.(report);
}
