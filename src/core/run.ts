import type { Log } from './log.ts';
import type { Backfill, Sink, Verdict } from './sink.ts';
import type { Asking, Table } from './table.ts';
import type { Keys } from './tally.ts';
import { MINUTE_MS } from './window.ts';

/** What one export is and how it is run. Times in milliseconds. */
export interface ExportOptions {
  readonly name: string;
  readonly lagMs: number;
  readonly lookbackMs: number;
  /** The largest window. */
  readonly windowMs: number;
  readonly budgetMs: number;
  /** How many windows of an export are asked for at once. */
  readonly windowsAtOnce: number;
  /** How long after its end an hour is recounted; 0: never. */
  readonly auditMs: number;
}

/** What a run needs from outside. */
export interface Ports {
  readonly sink: Sink;
  readonly table: Table;
  readonly keys: Keys;
  readonly log: Log;
  readonly clock: Clock;
  /** A new run id, never used before. */
  readonly newRunId: () => string;
  /** Whether memory is left for windows ahead of their turn. Default: there is. */
  readonly hasRoom?: (() => boolean) | undefined;
  /** Called when a run begins, and whenever its report has changed. */
  readonly onProgress?: ((report: RunReport) => void) | undefined;
}

interface Clock {
  /** The machine's wall clock, milliseconds since 1970. */
  now(): number;
  /** Monotonic milliseconds from an arbitrary start. */
  elapsed(): number;
}

/** What a run has done so far. Filled in as it goes, so that a failed run has one too. */
export interface RunReport {
  readonly export: string;
  readonly runId: string;
  /** The watermark when the run began and now, milliseconds since 1970; `undefined` before it has been read. */
  exportedFromMs: number | undefined;
  exportedUntilMs: number | undefined;
  /** How far the watermark is behind the machine's clock. */
  lagMs: number | undefined;
  windows: number;
  parts: number;
  rows: number;
  /** Of the parts, as stored. */
  bytes: number;
  queries: number;
  /** Attempts beyond the first, over all queries. */
  retries: number;
  /** Answers thrown away, and what was read of them (body bytes). */
  discardedAnswers: number;
  discardedBytes: number;
  /** Body bytes of the answers that counted. */
  answerBytes: number;
  durationMs: number;
  /** Hours that were recounted, by verdict. */
  readonly audited: Record<Verdict['verdict'], number>;
  /** Rows that became visible late, and were exported by an audit: not among `rows`. */
  late: number;
  /** Everything ingested before is exported and recounted; `undefined` where nothing is recounted. */
  completeUntilMs: number | undefined;
  /** The backfill that was worked on last. */
  backfill: BackfillProgress | undefined;
  outcome: 'exported' | 'superseded' | 'stopped' | 'failed';
  /** Why it did not end as `exported`: one line. */
  reason: string | undefined;
}

export interface BackfillProgress extends Backfill {
  /** From `fromMs` to here has been exported. */
  readonly exportedUntilMs: number;
}

/** One run, handed to each of its steps. Nothing in it changes but the report. */
export interface Run {
  readonly options: ExportOptions;
  readonly ports: Ports;
  readonly signal: AbortSignal;
  readonly report: RunReport;
  /** By the machine's clock. */
  readonly startedAtMs: number;
  readonly startedElapsedMs: number;
}

/** How long a run may last: what is under way then is stopped, a minute before `functionTimeout` (host.json). */
const RUN_LIMIT_MS = 540_000;
/** `Date` headers have no fractions. */
const DATE_PRECISION_MS = 1_000;

export function beginRun(options: ExportOptions, ports: Ports, signal: AbortSignal): Run {
  return {
    options,
    ports,
    signal,
    report: newReport(options.name, ports.newRunId()),
    startedAtMs: Math.floor(ports.clock.now()),
    startedElapsedMs: ports.clock.elapsed(),
  };
}

export function elapsedMs({ ports, startedElapsedMs }: Run): number {
  return ports.clock.elapsed() - startedElapsedMs;
}

/** Nothing ingested from here on is read: taken once, for a horizon that moves is chased in ever smaller windows. */
export function horizonOf({ options, startedAtMs }: Run): number {
  return startedAtMs - options.lagMs - DATE_PRECISION_MS;
}

/** Whether a run may start something more. */
export function hasBudget(run: Run): boolean {
  return !run.signal.aborted && elapsedMs(run) < run.options.budgetMs;
}

/** How long what is under way may take. */
export function leftMs(run: Run): number {
  return RUN_LIMIT_MS - elapsedMs(run);
}

/** Whether what has begun may go on with something more: a query has a minute at least. */
export function hasTime(run: Run): boolean {
  return !run.signal.aborted && leftMs(run) > MINUTE_MS;
}

/** Who looks on would wonder. */
const LONG_WAIT_MS = 10_000;

/** For the next query of a run, which is counted. It may take what is left of the run. */
export function asking(run: Run, { isAhead, onRetry }: Pick<Asking, 'isAhead' | 'onRetry'> = {}): Asking {
  const { options, ports, report, signal } = run;
  report.queries += 1;
  return {
    signal,
    isAhead,
    timeoutMs: Math.max(1, Math.floor(leftMs(run))),
    onRetry(waitMs) {
      report.retries += 1;
      if (waitMs >= LONG_WAIT_MS) {
        ports.log.info(`${options.name}: Logs is busy, and is asked again in ${Math.ceil(waitMs / 1000)} s`);
      }
      onRetry?.(waitMs);
    },
  };
}

export function newReport(exportName: string, runId: string): RunReport {
  return {
    export: exportName,
    runId,
    exportedFromMs: undefined,
    exportedUntilMs: undefined,
    lagMs: undefined,
    windows: 0,
    parts: 0,
    rows: 0,
    bytes: 0,
    queries: 0,
    retries: 0,
    discardedAnswers: 0,
    discardedBytes: 0,
    answerBytes: 0,
    durationMs: 0,
    audited: { complete: 0, fewer: 0, taken: 0, late: 0 },
    late: 0,
    completeUntilMs: undefined,
    backfill: undefined,
    outcome: 'exported',
    reason: undefined,
  };
}
