import type { EndedRun } from './kill-runs.ts';

/** What happened in a trial. */
export interface Tally {
  kills: number;
  /** Runs that ended by themselves, by outcome. */
  readonly outcomes: Record<string, number>;
  /** What the killed runs left behind, as a look at the sink showed it. */
  readonly left: {
    /** The watermark lists parts, and one at least is still in staging: another run must publish it. */
    publishing: number;
    /** The watermark lists parts, all of them published by now. */
    published: number;
    /** A new watermark in staging, not yet moved into place. */
    committing: number;
    /** Staged parts of no commit. */
    staging: number;
    /** Runs that were killed while the sink was being written to, by themselves or by the other one. */
    writing: number;
  };
  rows: number;
  parts: number;
  /** Rows that became visible late, and parts of such rows. */
  lateRows: number;
  lateParts: number;
  /** Parts of a millisecond that was split. */
  splitParts: number;
  /** Listings of the sink by the reader. */
  looks: number;
  /** In the order of time. */
  readonly events: string[];
}

export function createTally(): Tally {
  const left = { publishing: 0, published: 0, committing: 0, staging: 0, writing: 0 };
  return {
    kills: 0,
    outcomes: {},
    left,
    rows: 0,
    parts: 0,
    lateRows: 0,
    lateParts: 0,
    splitParts: 0,
    looks: 0,
    events: [],
  };
}

/** @throws when the run failed by itself: nothing here makes a run fail. */
export function countRun(tally: Tally, name: string, run: EndedRun): void {
  const outcome = run.wasKilled ? 'killed' : (run.report?.outcome ?? 'no report');
  const text = `${name} (started ${new Date(run.startedAtMs).toISOString()}) ${outcome} after ${run.durationMs} ms`;
  tally.events.push(`${new Date().toISOString()} ${text} ${run.report?.runId ?? ''}`);
  if (run.wasKilled) tally.kills += 1;
  else tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + 1;
  if (run.wasKilled || run.code === 0) return;
  throw new Error(`${text}: exit code ${run.code}, ${run.report?.error ?? ''}\n${run.said}`);
}

export function formatTally(tally: Tally): string {
  const { kills, outcomes, left, rows, parts, lateRows, lateParts, splitParts, looks } = tally;
  const ended = Object.entries(outcomes).map(([outcome, runs]) => `${runs} ${outcome}`);
  return (
    `${kills} kills, left behind: ${left.publishing} parts to publish, ${left.published} parts just published, ` +
    `${left.committing} commits under way, ${left.staging} staged parts, ${left.writing} transactions; ended by themselves: ${ended.join(', ')}; ` +
    `${rows} rows in ${parts} parts (${splitParts} of split milliseconds, ${lateParts} of late rows; ${lateRows} were late), ` +
    `each row once, no part changed in ${looks} looks, verify agrees`
  );
}
