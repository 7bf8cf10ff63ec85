import type { Claim, Verdict } from '../sink.ts';
import type { ExportStatus } from '../status.ts';
import { sum } from '../sum.ts';
import { DAY_MS, dayOf, HOUR_MS, hourOf } from '../window.ts';

/** The worst first: a day is what the worst of its hours is. */
export const STATES = [
  'missing',
  'taken',
  'fewer',
  'backfill',
  'open',
  'late',
  'settled',
  'complete',
  'empty',
  'pending',
  'before',
] as const;
export type State = (typeof STATES)[number];

/** What is known of an hour, or of a day. */
export interface Span {
  readonly startMs: number;
  readonly state: State;
  /** Rows and bytes in the sink; `undefined` where nothing says how many. */
  readonly rows: number | undefined;
  readonly bytes: number | undefined;
  /** Of the rows, those that an audit found. */
  readonly late: number;
  /** Rows that Logs counted, where hours have been recounted. */
  readonly counted: number;
}

type Count = 'rows' | 'bytes' | 'late' | 'counted';

/** The hours from `startMs`, which begins one, to `endMs`. */
export function hoursOf(status: ExportStatus, startMs: number, endMs: number): Span[] {
  const verdicts = Map.groupBy(status.verdicts, ({ fromMs }) => hourOf(fromMs));
  // Between a verdict and the last write of its run, the claim is there too.
  const isOpen = (claim: Claim) =>
    !status.verdicts.some(({ fromMs, untilMs }) => fromMs === claim.fromMs && untilMs === claim.untilMs);
  const claims = Map.groupBy(status.claims.filter(isOpen), ({ fromMs }) => hourOf(fromMs));
  const begunMs = beginOf(status);
  const hours: Span[] = [];
  for (let atMs = startMs; atMs < endMs; atMs += HOUR_MS) {
    const recounted = verdicts.get(hourOf(atMs)) ?? [];
    const open = claims.get(hourOf(atMs)) ?? [];
    const counts = addUp([...recounted, ...open]);
    const state =
      wrongState(recounted) ??
      unfinished(status, begunMs, atMs) ??
      (open.length > 0 ? 'open' : recountedState(recounted, counts));
    hours.push({ startMs: atMs, state, ...counts });
  }
  return hours;
}

function addUp(all: readonly Partial<Record<Count, number>>[]): Pick<Span, Count> {
  const total = (count: Count) => sum(all, (each) => each[count] ?? 0);
  const ofKnown = (count: Count) => (all.length > 0 ? total(count) : undefined);
  return { rows: ofKnown('rows'), bytes: ofKnown('bytes'), late: total('late'), counted: total('counted') };
}

function wrongState(recounted: readonly Verdict[]): State | undefined {
  const has = (verdict: string) => recounted.some((each) => each.verdict === verdict);
  if (has('taken')) return 'taken';
  if (has('fewer')) return 'fewer';
  return has('late') ? 'missing' : undefined; // of a sink that cannot be read back
}

function recountedState(recounted: readonly Verdict[], { rows, late }: Pick<Span, Count>): State {
  if (recounted.length === 0) return 'settled';
  if (late > 0) return 'late';
  return rows === 0 ? 'empty' : 'complete';
}

/** Where the export began, as far as that is known. */
function beginOf({ exportedFromMs, exportedUntilMs, claims, verdicts }: ExportStatus): number {
  if (exportedFromMs !== undefined) return exportedFromMs;
  return [...claims, ...verdicts].reduce((least, { fromMs }) => Math.min(least, fromMs), exportedUntilMs ?? Infinity);
}

/** The state of an hour that has not been exported to its end; `undefined` when it has. */
function unfinished({ exportedUntilMs = 0, dueUntilMs, backfills }: ExportStatus, begunMs: number, startMs: number) {
  const endMs = startMs + HOUR_MS;
  if (endMs <= begunMs) return 'before';
  if (backfills.some((each) => each.exportedUntilMs < endMs && each.untilMs > startMs)) return 'backfill';
  if (endMs <= exportedUntilMs) return undefined;
  if (endMs <= dueUntilMs) return 'missing';
  return startMs >= exportedUntilMs ? 'pending' : 'open';
}

/** Days of hours. */
export function daysOf(hours: readonly Span[]): Span[] {
  const days = Map.groupBy(hours, ({ startMs }) => dayOf(startMs));
  return [...days].map(([day, of]) => ({
    startMs: day * DAY_MS,
    state: STATES.find((state) => of.some((hour) => hour.state === state)) ?? 'before',
    ...addUp(of.filter(({ rows }) => rows !== undefined)),
  }));
}
