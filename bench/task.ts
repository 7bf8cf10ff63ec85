import type { RunReport } from '../src/core/run.ts';
import { formatIso } from '../src/core/window.ts';
import type { Shape } from './rows.ts';

export interface Task {
  readonly contender: 'ours' | 'limit' | 'sdk' | 'sdk, level 1' | 'five at once';
  /** As settings have them: `SINK_URL`, `LOGS_ENDPOINT`... */
  readonly env: Readonly<Record<string, string>>;
  readonly shape: Shape;
  readonly rows: number;
  /** Where the watermark stands, and the window size that it has learned. */
  readonly startMs: number;
  readonly windowMs: number;
  /** Warnings are expected, and not shown. */
  readonly isQuiet?: boolean;
  /** The same again and again, in one process; it must be able to. Default once. */
  readonly turns?: number;
}

/** What a contender does, and how it is made ready to do it again. */
export interface Work<Result = number | readonly RunReport[]> {
  run(): Promise<Result>;
  again(): Promise<void>;
}

/** How long something took. */
export interface Time {
  readonly ms: number;
  readonly cpuMs: number;
}

/** `ms` and `cpuMs` are of all turns together. */
export interface Taken extends Time {
  readonly turns: readonly Time[];
  /** Of the whole process, at its highest. */
  readonly peakBytes: number;
  /** Of one turn. */
  readonly rows: number;
  /** For `ours`: of the first export. */
  readonly report: RunReport | undefined;
}

/** Asks for all rows since then, or until `endMs`. */
export function queryFrom(startMs: number, endMs = Date.now()): string {
  const [from, until] = [formatIso(startMs), formatIso(endMs)];
  return `AppRequests\n| where ingestion_time() >= datetime(${from}) and ingestion_time() < datetime(${until})`;
}

export function urlOf({ LOGS_ENDPOINT, APPINSIGHTS_WORKSPACE_ID }: Task['env']): string {
  return `${LOGS_ENDPOINT}/workspaces/${APPINSIGHTS_WORKSPACE_ID}/query`;
}
