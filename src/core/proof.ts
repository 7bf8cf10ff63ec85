import type { Claim, Part, Tally } from './sink.ts';
import { sum } from './sum.ts';
import { addTallies, isSameTally, NO_ROWS } from './tally.ts';
import { cut, HOUR_MS, type Window } from './window.ts';

/**
 * How the rows of an hour in Logs and in the sink compare. `complete`: they are the same. `open`: they are not, and the
 * audit is still to come. `fewer`: Logs has fewer. `taken`: a reader has taken parts away, and nothing else is missing.
 * `missing`: Logs has more. `different`: as many, but others. `more`: the sink has more than was committed. `damaged`: a
 * part cannot be read, or does not hold the rows that its name says.
 */
export type State = 'complete' | 'open' | 'fewer' | 'taken' | 'missing' | 'different' | 'more' | 'damaged';

export function isWrong(state: State): boolean {
  return state === 'missing' || state === 'different' || state === 'more' || state === 'damaged';
}

/** What was found of one window. */
export interface Findings {
  readonly window: Window;
  /** Rows in Logs. */
  readonly logs: Tally;
  /** Whether checksums count: the rows have an `ItemId`. */
  readonly isKeyed: boolean;
  readonly parts: readonly Part[];
  /** The rows of all parts, where they were read. */
  readonly read: Tally | undefined;
  /** Rows of Logs that are in no part, where they were counted one by one. */
  readonly absent: number | undefined;
  /** What was written down when rows were committed or recounted, in ranges of the window that do not overlap. */
  readonly recorded: readonly Claim[];
  /** The audit has been due: nothing more is exported. */
  readonly isClosed: boolean;
}

export function sinkRows({ parts, read }: Pick<Findings, 'parts' | 'read'>): number {
  return read?.rows ?? rowsOf(parts);
}

/** Rows that were committed, and are in no part any more. */
function takenRows({ parts, recorded }: Findings): number {
  return sum(recorded, (claim) => Math.max(0, claim.rows - rowsIn(parts, claim)));
}

/** Rows of Logs that are in no part, and were in none. */
export function missingRows(findings: Findings): number {
  const absent = findings.absent ?? findings.logs.rows - sinkRows(findings);
  return Math.max(0, absent - takenRows(findings));
}

export function judge(findings: Findings): State {
  const { logs, parts, recorded, isClosed, isKeyed } = findings;
  const rows = sinkRows(findings);
  if (rows === logs.rows && findings.absent === undefined) {
    const tally = isKeyed ? tallyOf(findings) : undefined;
    if (tally === undefined || isSameTally(tally, logs)) return 'complete';
    return isClosed ? 'different' : 'open';
  }
  if (missingRows(findings) > 0) return isClosed ? 'missing' : 'open';
  if (takenRows(findings) > 0) return 'taken';
  return recorded.some((claim) => rowsIn(parts, claim) > claim.rows) ? 'more' : 'fewer';
}

/** The rows of the parts by checksum: as read, or as committed where that is all of the window. */
function tallyOf({ read, recorded, window, parts }: Findings): Tally | undefined {
  if (read !== undefined) return read;
  const coveredMs = sum(recorded, ({ fromMs, untilMs }) => untilMs - fromMs);
  if (coveredMs !== window.endMs - window.startMs) return undefined;
  const tally = recorded.reduce(addTallies, NO_ROWS);
  return tally.rows === rowsOf(parts) ? tally : undefined;
}

function rowsIn(parts: readonly Part[], { fromMs, untilMs }: Claim): number {
  return rowsOf(parts.filter(({ startMs }) => startMs >= fromMs && startMs < untilMs));
}

function rowsOf(parts: readonly Part[]): number {
  return sum(parts, ({ rows }) => rows);
}

/** Those that lie in the window, of the first that overlap only one: give the latest first. */
export function recordsIn<C extends Claim>({ startMs, endMs }: Window, claims: readonly C[]): C[] {
  const chosen: C[] = [];
  for (const claim of claims) {
    const overlaps = chosen.some(({ fromMs, untilMs }) => fromMs < claim.untilMs && untilMs > claim.fromMs);
    if (claim.fromMs >= startMs && claim.untilMs <= endMs && !overlaps) chosen.push(claim);
  }
  return chosen;
}

/** The hours of a range, each without what lies in `left`; an hour may fall into several windows. */
export function hoursOf(range: Window, left: readonly Window[]): Window[] {
  const without = (windows: readonly Window[], hole: Window) =>
    windows
      .flatMap(({ startMs, endMs }) => [
        { startMs, endMs: Math.min(endMs, hole.startMs) },
        { startMs: Math.max(startMs, hole.endMs), endMs },
      ])
      .filter(({ startMs, endMs }) => startMs < endMs);
  return left.reduce(without, [range]).flatMap((window) => cut(window, HOUR_MS));
}
