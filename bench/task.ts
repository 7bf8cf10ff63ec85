import type { RunReport } from '../src/core/run.ts';
import { formatIso } from '../src/core/window.ts';
import type { Shape } from './rows.ts';

export interface Task {
  readonly contender: 'ours' | 'limit' | 'sdk' | 'sdk, level 1';
  /** As settings have them: `SINK_URL`, `LOGS_ENDPOINT`... */
  readonly env: Readonly<Record<string, string>>;
  readonly shape: Shape;
  readonly rows: number;
  /** Where the watermark stands, and the window size that it has learned. */
  readonly startMs: number;
  readonly windowMs: number;
}

export interface Taken {
  readonly ms: number;
  readonly cpuMs: number;
  /** Of the whole process, at its highest. */
  readonly peakBytes: number;
  readonly rows: number;
  /** For `ours`: of the first export. */
  readonly report: RunReport | undefined;
}

/** Asks for all rows since then. */
export function queryFrom(startMs: number): string {
  const until = formatIso(Date.now());
  return `AppRequests\n| where ingestion_time() >= datetime(${formatIso(startMs)}) and ingestion_time() < datetime(${until})`;
}
