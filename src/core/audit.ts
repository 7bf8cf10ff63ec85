import { claimLate } from './claims.ts';
import { formatCount } from './human.ts';
import { createExported, type Exported, windowsOf } from './late.ts';
import type { Answer } from './logs.ts';
import type { Opened } from './open.ts';
import { reasonOf } from './reason.ts';
import { recountAsMany } from './recount.ts';
import { rotate } from './rotate.ts';
import { asking, hasTime, horizonOf, type Run } from './run.ts';
import type { Claim, Look, Part, Tally, Verdict } from './sink.ts';
import { stageLate } from './stage.ts';
import type { Recount } from './table.ts';
import { isSameTally } from './tally.ts';
import { formatIso, type Window } from './window.ts';

/**
 * Recounts in Logs what has been committed of hours that are closed, exports what became visible late, and keeps the
 * verdicts. Everything must have been published.
 * @returns the claims that are left, for the last write of the run.
 * @throws when the source has rows without an ingestion time, which no window holds.
 */
export async function audit(run: Run, opened: Opened): Promise<readonly Claim[]> {
  const { options, ports, report } = run;
  const { session, look } = opened;
  // Those of another query cannot be recounted; and who wants no audit has none kept.
  if (options.auditMs === 0 || session.position.query !== ports.table.text) return [];
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

/**
 * The column by whose keys claims are recounted. Claims of no rows are, by number alone: an answer without columns does not
 * tell whether the query drops that column, and then it cannot be asked for.
 */
function keyOf({ itemId }: Look, claims: readonly Claim[]): string | undefined {
  return claims.some(({ rows }) => rows > 0) ? itemId : undefined;
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

/** A part cannot be read back. */
class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
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

/**
 * Why Logs has other rows than the claim. `undefined` when some were late and have been exported, or the run has to end: the
 * next recount decides. `untold` when some are late that nothing tells apart. An hour is examined as a whole, beyond the
 * budget if need be. Should the run end before, late rows that it has exported stay exported: the next one finds their
 * windows equal, and gets further.
 */
async function examine(run: Run, opened: Opened, claim: Claim): Promise<'fewer' | 'taken' | 'untold' | undefined> {
  const { sink, log } = run.ports;
  const { name } = run.options;
  if (!hasTime(run)) return undefined;
  const range = { startMs: claim.fromMs, endMs: claim.untilMs };
  const parts = await Array.fromAsync(sink.parts(name, range));
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  if (rows !== claim.rows) return 'taken';
  let late = 0;
  try {
    for await (const { window, counted } of recountEach(run, opened, claim, windowsOf(range, parts))) {
      if (!hasTime(run)) return undefined;
      const exported = await readExported(run, opened, window, parts);
      // With late rows the claim has grown meanwhile: the next recount judges by that one.
      if (exported === undefined) return late > 0 ? undefined : 'taken';
      if (counted !== undefined && isSameTally(counted, exported.tally)) continue;
      const found = await exportLate(run, opened, claim, window, exported.finish());
      if (found === undefined) return 'untold';
      late += found;
    }
    // The last window may not have been read to its end.
    return late > 0 || !hasTime(run) ? undefined : 'fewer';
  } finally {
    const hour = `the hour from ${formatIso(claim.fromMs)}`;
    if (late > 0) log.warn(`${name}: ${formatCount(late, 'row')} of ${hour} became visible late, exported now`);
  }
}

/** Windows with the rows that Logs counts in them; without, where it cannot: those have to be read. */
async function* recountEach(
  run: Run,
  { look }: Opened,
  claim: Claim,
  windows: readonly Window[],
): AsyncGenerator<{ window: Window; counted: Tally | undefined }> {
  for (let at = 0; at < windows.length; ) {
    const rest = windows.slice(at);
    const answer = await recountAsMany(run.ports, rest, look, keyOf(look, [claim]), () => asking(run));
    const tallies = answer?.value.tallies ?? rest.map(() => undefined);
    for (const [index, window] of rest.slice(0, tallies.length).entries()) yield { window, counted: tallies[index] };
    at += tallies.length;
  }
}

/** The keys of what has been exported of a window; `undefined` when a part is gone. */
async function readExported(run: Run, { look }: Opened, { startMs, endMs }: Window, parts: readonly Part[]) {
  const exported = createExported(run.ports.keys);
  for (const part of parts.filter((each) => each.startMs >= startMs && each.endMs <= endMs)) {
    try {
      const items = await run.ports.sink.read(part, look.itemId ?? '');
      if (items === undefined) return undefined;
      await exported.add(items);
    } catch (cause) {
      throw new UnreadableError(`${part.path} cannot be read`, { cause });
    }
  }
  return exported;
}

/** Exports those rows of a window that have not been exported, and gives their number; `undefined` where rows have no keys. */
async function exportLate(
  run: Run,
  opened: Opened,
  { fromMs }: Claim,
  window: Window,
  exported: Exported,
): Promise<number | undefined> {
  const { session } = opened;
  const { report } = run;
  let rows = 0;
  for await (const staged of stageLate(run, opened, window, exported)) {
    const bytes = staged.parts.reduce((sum, part) => sum + part.bytes, 0);
    const { position } = session;
    const claim = position.claims.find((each) => each.fromMs === fromMs);
    if (staged.tally === undefined && staged.rows > 0) {
      await session.discard(staged.parts);
      return undefined;
    }
    if (claim === undefined || staged.tally === undefined || staged.tally.rows === 0) continue;
    await session.commit({ ...position, claims: claimLate(position.claims, claim, staged.tally, bytes) }, staged.parts);
    await session.publish();
    rows += staged.tally.rows;
    report.late += staged.tally.rows;
    report.parts += staged.parts.length;
    report.bytes += bytes;
  }
  return rows;
}
