import { type BackfillRange, listedBackfills } from './backfill.ts';
import { completeUntil } from './claims.ts';
import { exportHome } from './home.ts';
import { listBackfill } from './listing.ts';
import { openExport } from './open.ts';
import { reasonOf } from './reason.ts';
import { rotate } from './rotate.ts';
import { beginRun, type ExportOptions, elapsedMs, horizonOf, type Ports, type Run, type RunReport } from './run.ts';
import { OutOfTimeError, SupersededError } from './sink.ts';

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

/**
 * Runs one export once: reads the watermark, finishes what a crash left, exports window by window until the horizon or the
 * budget, and with what is left of that recounts closed hours and works off backfills. Resolves also when another run won
 * (`superseded`), and when `signal` or the end of its time stopped it (`stopped`).
 * @throws RunError
 */
export async function runExport(options: ExportOptions, ports: Ports, signal: AbortSignal): Promise<RunReport> {
  return report(beginRun(options, ports, signal), async (run) => {
    const { report } = run;
    const opened = await openExport(run);
    report.exportedFromMs = opened.session.position.exportedUntilMs;
    const note = () => {
      const { exportedUntilMs } = opened.session.position;
      report.exportedUntilMs = exportedUntilMs;
      report.lagMs = Math.round(ports.clock.now() - exportedUntilMs);
      report.durationMs = Math.round(elapsedMs(run));
      ports.onProgress?.(report);
    };
    const left = await exportHome(run, opened, horizonOf(run), note, listedBackfills(run, opened));
    if (options.auditMs > 0) report.completeUntilMs = completeUntil(left);
  });
}

/**
 * Exports a range that lies before the export's begin, or again, for as long as the budget lasts; the report says how far
 * that is. The same call goes on, and so does one without a range.
 * @throws RunError
 */
export async function runBackfill(
  options: ExportOptions,
  ports: Ports,
  range: BackfillRange | undefined,
  signal: AbortSignal,
): Promise<RunReport> {
  return report(beginRun(options, ports, signal), async (run) => {
    if (range !== undefined) await listBackfill(run, range);
    const opened = await openExport(run);
    const beside = listedBackfills(run, opened);
    try {
      await opened.session.publish();
      for (const work of rotate(run, 'works', beside.works())) await work();
    } finally {
      await opened.session.close({ ...opened.session.position, backfills: beside.left() });
    }
  });
}

async function report(run: Run, work: (run: Run) => Promise<void>): Promise<RunReport> {
  const { report, signal, ports } = run;
  try {
    signal.throwIfAborted();
    ports.onProgress?.(report);
    await work(run);
    if (signal.aborted) report.outcome = 'stopped';
  } catch (error) {
    if (error instanceof SupersededError) report.outcome = 'superseded';
    else if (signal.aborted || error instanceof OutOfTimeError) report.outcome = 'stopped';
    else throw new RunError(report, error);
    report.reason = reasonOf(error);
  } finally {
    report.durationMs = Math.round(elapsedMs(run));
    ports.onProgress?.(report);
  }
  return report;
}
