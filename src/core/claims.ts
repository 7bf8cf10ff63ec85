import type { Claim, Position, Tally } from './sink.ts';
import { addTallies } from './tally.ts';
import { hourOf, type Window } from './window.ts';

/** The claims after a window has been committed with them: its hour's claim grows, or one begins. */
export function claimWindow(claims: readonly Claim[], window: Window, tally: Tally, bytes: number): readonly Claim[] {
  const last = claims.findIndex(
    ({ fromMs, untilMs }) => untilMs === window.startMs && hourOf(fromMs) === hourOf(window.startMs),
  );
  const claim = claims[last];
  if (claim === undefined)
    return [...claims, { ...tally, fromMs: window.startMs, untilMs: window.endMs, bytes, late: 0 }];
  const grown = { ...claim, ...addTallies(claim, tally), untilMs: window.endMs, bytes: claim.bytes + bytes };
  return claims.with(last, grown);
}

/** The claims after rows of a claimed range have been committed that became visible late. */
export function claimLate(claims: readonly Claim[], claim: Claim, tally: Tally, bytes: number): readonly Claim[] {
  const late = claim.late + tally.rows;
  const grown = { ...claim, ...addTallies(claim, tally), bytes: claim.bytes + bytes, late };
  return claims.map((each) => (each.fromMs === claim.fromMs ? grown : each));
}

/** Everything ingested before is exported and recounted, where hours are recounted at all. */
export function completeUntil({ exportedUntilMs, claims, backfills }: Position): number {
  const repairs = backfills.filter(({ again }) => again);
  return Math.min(exportedUntilMs, ...[...claims, ...repairs].map(({ fromMs }) => fromMs));
}
