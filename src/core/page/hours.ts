import type { Claim } from '../sink.ts';
import type { ExportStatus } from '../status.ts';
import { DAY_MS, HOUR_MS } from '../window.ts';

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

/** The hours from `startMs`, which begins one, to `endMs`. */
export function hoursOf(status: ExportStatus, startMs: number, endMs: number): Span[] {
  const hourOf = ({ fromMs }: { fromMs: number }) => Math.floor(fromMs / HOUR_MS) * HOUR_MS;
  const verdicts = Map.groupBy(status.verdicts, hourOf);
  // Between a verdict and the last write of its run, the claim is there too.
  const isOpen = (claim: Claim) =>
    !status.verdicts.some(({ fromMs, untilMs }) => fromMs === claim.fromMs && untilMs === claim.untilMs);
  const claims = Map.groupBy(status.claims.filter(isOpen), hourOf);
  const begunMs = beginOf(status);
  const hours: Span[] = [];
  for (let atMs = startMs; atMs < endMs; atMs += HOUR_MS) {
    const [recounted, open] = [verdicts.get(atMs) ?? [], claims.get(atMs) ?? []];
    const all = [...recounted, ...open];
    const has = (verdict: string) => recounted.some((each) => each.verdict === verdict);
    const sum = (of: (claim: { rows: number; bytes: number; late: number }) => number) =>
      all.reduce((total, claim) => total + of(claim), 0);
    const late = sum((claim) => claim.late);
    const isKnown = all.length > 0;
    const rows = isKnown ? sum((claim) => claim.rows) : undefined;
    const found = (): State => {
      if (recounted.length === 0) return 'settled';
      if (late > 0) return 'late';
      return rows === 0 ? 'empty' : 'complete';
    };
    hours.push({
      startMs: atMs,
      state:
        (has('taken') && 'taken') ||
        (has('fewer') && 'fewer') ||
        (has('late') && 'missing') || // of a sink that cannot be read back
        unfinished(status, begunMs, atMs) ||
        (open.length > 0 ? 'open' : found()),
      rows,
      bytes: isKnown ? sum((claim) => claim.bytes) : undefined,
      late,
      counted: recounted.reduce((total, { counted }) => total + counted, 0),
    });
  }
  return hours;
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
  const days = Map.groupBy(hours, ({ startMs }) => Math.floor(startMs / DAY_MS) * DAY_MS);
  return [...days].map(([startMs, of]) => {
    const known = of.filter(({ rows }) => rows !== undefined);
    const sum = (field: 'rows' | 'bytes' | 'late' | 'counted') =>
      known.reduce((total, hour) => total + (hour[field] ?? 0), 0);
    return {
      startMs,
      state: STATES.find((state) => of.some((hour) => hour.state === state)) ?? 'before',
      rows: known.length > 0 ? sum('rows') : undefined,
      bytes: known.length > 0 ? sum('bytes') : undefined,
      late: sum('late'),
      counted: sum('counted'),
    };
  });
}
