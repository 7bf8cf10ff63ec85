import type { Compression } from './formats/compress.ts';
import type { ExportQuery } from './kql/query.ts';
import type { Store } from './lake/store.ts';
import { type StoredWatermark, stagingFolder } from './lake/watermark.ts';
import type { Log } from './log.ts';
import type { Logs } from './logs.ts';
import { TARGETS, type Targets } from './sizing.ts';

/** What one export is and how it is run. Times in milliseconds. */
export interface ExportOptions {
  readonly name: string;
  readonly query: ExportQuery;
  /** The workspace id, kept in the watermark. */
  readonly source: string;
  readonly lagMs: number;
  readonly lookbackMs: number;
  /** The largest window. */
  readonly windowMs: number;
  readonly budgetMs: number;
  readonly compression: Compression;
}

/** What a run needs from outside. */
export interface Ports {
  readonly store: Store;
  readonly logs: Logs;
  readonly log: Log;
  readonly clock: Clock;
  /** A new run id, never used before. */
  readonly newRunId: () => string;
  /** Called whenever the report has changed. */
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
  outcome: 'exported' | 'superseded' | 'stopped' | 'failed';
}

/** The state of one run, shared by its steps. */
export interface Run {
  readonly options: ExportOptions;
  readonly ports: Ports;
  readonly signal: AbortSignal;
  readonly report: RunReport;
  /** `<export>/_staging/<runId>`. */
  readonly folder: string;
  /** By the machine's clock. */
  readonly startedAtMs: number;
  readonly startedElapsedMs: number;
  /** Nothing ingested from here on is read. Lowered when the service's clock says so. */
  horizonMs: number;
  /** The window size to try next, and what its answer should not exceed. */
  sizeMs: number;
  targets: Targets;
  /** The window size has been made smaller and no commit has kept it yet. */
  narrowed: boolean;
  /** The watermark as last read by this run, and its etag. */
  current: StoredWatermark;
  /** All that the current watermark lists has been published. */
  published: boolean;
  /** Names given out in `folder`. */
  names: number;
  /** Staged files that no commit has been tried for. */
  uncommitted: string[];
}

/** How long a run may last: what is under way then is stopped, a minute before `functionTimeout` (host.json). */
const RUN_LIMIT_MS = 540_000;
/** `Date` headers have no fractions. */
const DATE_PRECISION_MS = 1_000;

export function beginRun(options: ExportOptions, ports: Ports, signal: AbortSignal): Omit<Run, 'current'> {
  const runId = ports.newRunId();
  const startedAtMs = Math.floor(ports.clock.now());
  return {
    options,
    ports,
    signal,
    report: newReport(options.name, runId),
    folder: `${stagingFolder(options.name)}/${runId}`,
    startedAtMs,
    startedElapsedMs: ports.clock.elapsed(),
    horizonMs: startedAtMs - options.lagMs - DATE_PRECISION_MS,
    sizeMs: options.windowMs,
    targets: TARGETS,
    narrowed: false,
    published: false,
    names: 0,
    uncommitted: [],
  };
}

export function elapsedMs(run: Pick<Run, 'ports' | 'startedElapsedMs'>): number {
  return run.ports.clock.elapsed() - run.startedElapsedMs;
}

/** How long a query that starts now may take. */
export function remainingMs(run: Pick<Run, 'ports' | 'startedElapsedMs'>): number {
  return Math.max(1, RUN_LIMIT_MS - elapsedMs(run));
}

/** A path for a staged file that has never been used. */
export function stagedPath(run: Pick<Run, 'folder' | 'names'>): string {
  run.names += 1;
  return `${run.folder}/${run.names}.staged`;
}

function newReport(exportName: string, runId: string): RunReport {
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
    outcome: 'exported',
  };
}
