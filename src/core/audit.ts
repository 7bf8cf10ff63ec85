import { examine, UnreadableError } from './examine.ts';
import { formatCount } from './human.ts';
import type { Answer } from './logs.ts';
import type { Opened } from './open.ts';
import { reasonOf } from './reason.ts';
import { keyOf, recountAsMany } from './recount.ts';
import { rotate } from './rotate.ts';
import { asking, hasTime, horizonOf, type Run } from './run.ts';
import type { Claim, Look, Verdict } from './sink.ts';
import type { Recount } from './table.ts';
import { isSameTally } from './tally.ts';
import { formatIso } from './window.ts';

/**
 * Recounts in Logs what has been committed of hours that are closed, exports what became visible late, and keeps the
 * verdicts. Everything must have been published.
 * @returns the claims that are left, for the last write of the run.
 * @throws when the source has rows without an ingestion time, which no window holds.
 */
export async function audit(run: Run, opened: Opened): Promise<readonly Claim[]> {
  const { options, ports, report } = run;
  const { session, look } = opened;
  const { text, isStable } = ports.table;
  // Those of another query cannot be recounted, nor those of one that an earlier version took for stable; and who wants no
  // audit has none kept.
  if (options.auditMs === 0 || !isStable || session.position.query !== text) return [];
  const verdicts: Verdict[] = [];
  const untold: Claim[] = [];
  const due = session.position.claims.filter((claim) => isDue(run, claim, horizonOf(run)));
  // One that takes all of a run keeps only that run from the others.
  let rest = rotate(run, 'claims', due);
  // Hours that stay open hold up none of the later ones.
  while (rest.length > 0 && verdicts.length === 0) {
    const recounted = await recountFirst(run, rest, look);
    if (recounted === undefined) break;
    const judged = await judge(run, opened, recounted);
    verdicts.push(...judged.verdicts);
    untold.push(...judged.untold);
    rest = recounted.due.slice(recounted.answer.value.tallies.length);
  }
  if (verdicts.length > 0) await session.record(verdicts, opened.isAgain);
  for (const { verdict } of verdicts) report.audited[verdict] += 1;
  if (untold.length > 0) {
    ports.log.warn(
      `${options.name}: ${formatCount(untold.length, 'hour')} had no rows when they were read, and have some by now. The query ` +
        `drops ${look.itemId}, by which rows are told apart: they are not exported, and nothing more is recounted there`,
    );
  }
  const over = new Set([...verdicts, ...untold].map(({ fromMs }) => fromMs));
  return session.position.claims.filter(({ fromMs }) => !over.has(fromMs));
}

function isDue({ options }: Run, { untilMs }: Claim, atMs: number): boolean {
  return untilMs + options.auditMs <= atMs;
}

/** The first claims of `due`, as many as were recounted. */
interface Recounted {
  readonly due: readonly Claim[];
  readonly answer: Answer<Recount>;
}

interface Judged {
  readonly verdicts: readonly Verdict[];
  /** Nobody can ever say more of these. */
  readonly untold: readonly Claim[];
}

/** Verdicts on what was recounted; none on hours that stay open. */
async function judge(run: Run, opened: Opened, { due, answer }: Recounted): Promise<Judged> {
  const { options, ports } = run;
  const { value: recount, asOfMs } = answer;
  if (recount.withoutTime > 0) {
    throw new Error(
      `the table has ${formatCount(recount.withoutTime, 'row')} without an ingestion time, which no window holds: export a ` +
        'table that has one in every row',
    );
  }
  const verdicts: Verdict[] = [];
  const untold: Claim[] = [];
  const atMs = Math.floor(asOfMs ?? ports.clock.now());
  for (const [index, claim] of due.entries()) {
    const found = recount.tallies[index];
    // The machine's clock may be ahead: then the hour has not settled.
    if (found === undefined || !isDue(run, claim, atMs - options.lagMs)) continue;
    const verdict = isSameTally(found, claim)
      ? 'complete'
      : ports.sink.isOneWay
        ? judgeOneWay(run, claim, found.rows)
        : await examine(run, opened, claim).catch((error: unknown) => leaveOpen(run, claim, error));
    if (verdict === 'untold') untold.push(claim);
    else if (verdict !== undefined) verdicts.push({ ...claim, verdict, counted: found.rows, atMs });
  }
  return { verdicts, untold };
}

/** Recounts as many of some hours as Logs can in one query. One that it can never recount holds up none of the others. */
async function recountFirst(run: Run, claims: readonly Claim[], look: Look): Promise<Recounted | undefined> {
  for (let due = claims; due.length > 0 && hasTime(run); due = due.slice(1)) {
    const windows = due.map(({ fromMs, untilMs }) => ({ startMs: fromMs, endMs: untilMs }));
    const answer = await recountAsMany(run.ports, windows, look, keyOf(look, due), () => asking(run));
    if (answer !== undefined) return { due, answer };
  }
  return undefined;
}

/** Without the parts nobody can say which rows are late: they are reported, and not exported. */
function judgeOneWay({ ports, options }: Run, claim: Claim, counted: number): 'fewer' | 'late' {
  if (counted < claim.rows) return 'fewer';
  const late = counted - claim.rows;
  ports.log.warn(
    `${options.name}: ${late === 0 ? 'some rows' : formatCount(late, 'row')} of the hour from ${formatIso(claim.fromMs)} ` +
      'became visible late, not exported: what has been delivered cannot be read back. A larger EXPORT_LAG_MINUTES would have waited for them',
  );
  return 'late';
}

/** One part that cannot be read keeps nobody from recounting the other hours; its own stays open. */
function leaveOpen({ ports, options, signal }: Run, claim: Claim, error: unknown): undefined {
  if (!(error instanceof UnreadableError) || signal.aborted) throw error;
  ports.log.error(
    `${options.name}: the hour from ${formatIso(claim.fromMs)} has other rows in Logs, and its late ones cannot be told: ` +
      `${reasonOf(error)}. The next run reads it again; if it stays so, restore the part, or delete the hour and export it ` +
      'again (docs/complete.md, "Export a range again")',
  );
  return undefined;
}
