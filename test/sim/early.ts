import type { RunReport } from '../../src/core/run.ts';

export const QUIET_BUDGET_MS = 240_000;
/** So many windows a run exports at most. */
const RUN_WINDOWS = 10_000;

/** A run goes on until its horizon, a second before the lag, or as long as it may. */
export function endsEarly({ outcome, lagMs, durationMs, windows }: RunReport, largestMs: number): boolean {
  const isBehind = lagMs !== undefined && lagMs > durationMs + largestMs + 1001;
  return outcome === 'exported' && isBehind && durationMs < QUIET_BUDGET_MS && windows < RUN_WINDOWS;
}
