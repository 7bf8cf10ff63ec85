import { readVerdicts } from '../../src/core/lake/verdicts.ts';
import { readWatermark } from '../../src/core/lake/watermark.ts';
import type { Verdict } from '../../src/core/sink.ts';
import { DAY_MS, formatIso, parseCompact, type Window } from '../../src/core/window.ts';
import { NAME, type Plan } from './plan.ts';
import type { Reader } from './reader.ts';
import type { Shown } from './sinks.ts';
import { DOUBLED, type Recounted, type Row } from './world.ts';

export interface Evidence {
  readonly plan: Plan;
  readonly store: Shown;
  readonly reader: Reader;
  /** What each recount of a range saw. */
  readonly recounts: readonly Recounted[];
  /** Was lost, and exported again from `atMs` on. */
  readonly repaired: { readonly fromMs: number; readonly untilMs: number; readonly atMs: number } | undefined;
  /** Rows that the runs say they exported. */
  readonly reported: number;
}

/** Holds what is in the lake in the end against the telemetry. @throws what does not hold. */
export async function judge({ plan, store, reader, recounts, repaired, reported }: Evidence): Promise<void> {
  const { position } = (await readWatermark(store, NAME)) ?? {};
  const fromMs = position?.exportedFromMs ?? 0;
  const untilMs = position?.exportedUntilMs ?? 0;
  const verdicts: Verdict[] = [];
  for (let dayMs = fromMs; dayMs < untilMs + DAY_MS; dayMs += DAY_MS) {
    verdicts.push(...(await readVerdicts(store, NAME, dayMs)));
  }
  const rows = plan.rows.filter(({ ingestedMs }) => ingestedMs >= fromMs && ingestedMs < untilMs);
  const wanted = rows.filter((row) => mustBeThere(row, plan, verdicts));
  const lost = wanted.find(({ id, itemId }) => itemId !== DOUBLED && !reader.seen.has(id));
  if (lost) throw new Error(`row ${lost.id}, ingested ${formatIso(lost.ingestedMs)}, is lost`);
  const doubled = countDoubled(reader, { startMs: fromMs, endMs: untilMs });
  const [least = 0, most = 0] = [wanted, rows].map((some) => some.filter(({ itemId }) => itemId === DOUBLED).length);
  if (doubled < least || doubled > most) {
    throw new Error(`found ${doubled} rows that share their ItemId, expected ${least} to ${most}`);
  }
  for (const verdict of verdicts) checkVerdict(verdict, plan.rows, reader, recounts);
  const isOf = (range: Verdict) => repaired && range.fromMs < repaired.untilMs && range.untilMs > repaired.fromMs;
  // By the service's clock, in whole seconds.
  const old = verdicts.find((verdict) => isOf(verdict) && verdict.atMs <= (repaired?.atMs ?? 0) - 1000);
  if (old) throw new Error(`the verdict of ${formatIso(old.fromMs)} is of before it was exported again`);
  await checkHomes(store, verdicts);
  if (reported > reader.seen.size + doubled) {
    throw new Error(`the runs report ${reported} rows, but the lake has ${reader.seen.size + doubled}`);
  }
  // A run that wakes up late may leave something in the home of a backfill that is done, where nobody sweeps any more.
  const left = [...store.files.keys()].filter((path) => path.startsWith(`${NAME}/_staging/`));
  if (left.length > 0) throw new Error(`left in staging: ${left.join(', ')}`);
}

/** A backfill that is not listed any more is over: nobody comes back to what it claims. */
async function checkHomes(store: Shown, verdicts: readonly Verdict[]): Promise<void> {
  for (const path of store.files.keys()) {
    const home = /^(.*\/_backfill\/[^/]+)\/_watermark\.json$/.exec(path)?.[1];
    const { position } = (home && (await readWatermark(store, home))) || {};
    const open = position?.claims.find(({ fromMs }) => verdicts.every((verdict) => verdict.fromMs !== fromMs));
    if (open) throw new Error(`${home} is over, and its claim from ${formatIso(open.fromMs)} has no verdict`);
  }
}

/** Settled within the lag and never deleted, or visible when its hour was recounted. */
function mustBeThere(row: Row, { options }: Plan, verdicts: readonly Verdict[]): boolean {
  const isDeleted = row.deletedMs < Number.POSITIVE_INFINITY;
  if (row.visibleMs <= row.ingestedMs + options.lagMs && !isDeleted) return true;
  const verdict = verdicts.find(({ fromMs, untilMs }) => row.ingestedMs >= fromMs && row.ingestedMs < untilMs);
  if (verdict === undefined || verdict.verdict === 'taken') return false;
  // By the service's clock, in whole seconds: what became visible within such a second may go either way.
  return row.visibleMs <= verdict.atMs - 1000 && !isDeleted;
}

/** A verdict says of a range what a recount has seen of it, and why that is not what was exported. */
function checkVerdict(verdict: Verdict, rows: readonly Row[], reader: Reader, recounts: readonly Recounted[]) {
  const { fromMs, untilMs } = verdict;
  const inRange = rows.filter(({ ingestedMs }) => ingestedMs >= fromMs && ingestedMs < untilMs);
  if (verdict.verdict === 'complete' && !isSeen(verdict, inRange, reader, recounts)) {
    throw new Error(`the verdict "complete" of ${formatIso(fromMs)} is not true`);
  }
  const isDeleted = inRange.some(({ deletedMs }) => deletedMs < Number.POSITIVE_INFINITY);
  if (verdict.verdict === 'taken' && !reader.hasTaken)
    throw new Error('nobody has taken a part, but the verdict says so');
  if (verdict.verdict === 'fewer' && !isDeleted) throw new Error('no row was deleted, but the verdict says so');
}

/**
 * Whether a recount has seen what was exported. Its run may have been killed before it dropped the claim: then another one
 * exports what became visible after the verdict, which stays, and need not be true of that.
 */
function isSeen(
  { fromMs, untilMs, atMs }: Verdict,
  inRange: readonly Row[],
  reader: Reader,
  recounts: readonly Recounted[],
) {
  const doubled = countDoubled(reader, { startMs: fromMs, endMs: untilMs });
  const exported = inRange.filter(({ id }) => reader.seen.has(id));
  const isLater = ({ visibleMs }: Row) => visibleMs > atMs;
  const laterDoubled = inRange.filter((row) => row.itemId === DOUBLED && isLater(row)).length;
  const found = recounts.filter(({ startMs, endMs }) => startMs === fromMs && endMs === untilMs);
  const sees = (some: readonly Row[], least: number) =>
    found.some(({ ids }) => {
      const others = ids.size - some.length;
      return others >= least && others <= doubled && some.every(({ id }) => ids.has(id));
    });
  return (
    sees(exported, doubled) ||
    sees(
      exported.filter((row) => !isLater(row)),
      doubled - laterDoubled,
    )
  );
}

/** Rows that share their ItemId in the parts of a range. */
function countDoubled(reader: Reader, { startMs, endMs }: Window): number {
  let count = 0;
  for (const [path, rows] of reader.doubled) {
    const partMs = parseCompact(path.slice(path.lastIndexOf('/') + 1).split('_')[0] ?? '') ?? 0;
    if (partMs >= startMs && partMs < endMs) count += rows;
  }
  return count;
}
