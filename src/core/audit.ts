import { claimLate } from './claims.ts';
import { createExported, windowsOf } from './late.ts';
import type { Opened } from './open.ts';
import { recountAsMany } from './recount.ts';
import { asking, hasBudget, horizonOf, type Run } from './run.ts';
import type { Claim, Part, Position, Verdict } from './sink.ts';
import { stageLate } from './stage.ts';
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
  const isDue = (claim: Claim, atMs: number) => claim.untilMs + options.auditMs <= atMs;
  // Those of another query cannot be recounted; and who wants no audit has none kept.
  if (options.auditMs === 0 || session.position.query !== ports.table.text) return [];
  const { claims } = session.position;
  const due = claims.filter((claim) => isDue(claim, horizonOf(run)));
  const windows = due.map(({ fromMs, untilMs }) => ({ startMs: fromMs, endMs: untilMs }));
  const answer = await recountAsMany(ports, windows, look, look.itemId, () => asking(run));
  if (answer === undefined) return claims;
  const { value: recount, asOfMs } = answer;
  if (recount.withoutTime > 0) {
    throw new Error(
      `${recount.withoutTime} rows of the table have no ingestion time, so that no window holds them: export a table that ` +
        'has one in every row',
    );
  }
  const verdicts: Verdict[] = [];
  const atMs = Math.floor(asOfMs ?? ports.clock.now());
  for (const [index, claim] of due.entries()) {
    const found = recount.tallies[index];
    // The machine's clock may be ahead: then the hour has not settled.
    if (found === undefined || !isDue(claim, atMs - options.lagMs)) continue;
    const verdict = isSameTally(found, claim) ? 'complete' : await examine(run, opened, claim);
    if (verdict !== undefined) verdicts.push({ ...claim, verdict, counted: found.rows, atMs });
  }
  if (verdicts.length > 0) await session.record(verdicts);
  for (const { verdict } of verdicts) report.audited[verdict] += 1;
  return session.position.claims.filter(({ fromMs }) => !verdicts.some((verdict) => verdict.fromMs === fromMs));
}

/**
 * Why Logs has other rows than the claim. `undefined` when some were late and have been exported, or the budget is used up:
 * the next recount decides.
 */
async function examine(run: Run, opened: Opened, claim: Claim): Promise<'fewer' | 'taken' | undefined> {
  const { sink, log } = run.ports;
  const { name } = run.options;
  const range = { startMs: claim.fromMs, endMs: claim.untilMs };
  const parts = await Array.fromAsync(sink.parts(name, range));
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  if (rows !== claim.rows) return 'taken';
  let late = 0;
  for (const window of windowsOf(range, parts)) {
    if (!hasBudget(run)) return undefined;
    const found = await exportLate(run, opened, claim, window, partsIn(window, parts));
    if (found === undefined) return 'taken';
    late += found;
  }
  if (late === 0) return 'fewer';
  log.warn(
    `${name}: ${late} rows of the hour from ${formatIso(claim.fromMs)} became visible late, and are exported now`,
  );
  return undefined;
}

function partsIn(window: Window, parts: readonly Part[]): Part[] {
  return parts.filter(({ startMs, endMs }) => startMs >= window.startMs && endMs <= window.endMs);
}

/** How many rows of a window had not been exported; they are now. `undefined` when a part is gone. */
async function exportLate(run: Run, opened: Opened, { fromMs }: Claim, window: Window, parts: readonly Part[]) {
  const { ports, report } = run;
  const { session, look } = opened;
  const exported = createExported(ports.keys);
  for (const part of parts) {
    const items = await ports.sink.read(part, look.itemId ?? '');
    if (items === undefined) return undefined;
    await exported.add(items);
  }
  let rows = 0;
  for await (const staged of stageLate(run, opened, window, exported.finish())) {
    const bytes = staged.parts.reduce((sum, part) => sum + part.bytes, 0);
    const { position } = session;
    const claim = position.claims.find((each) => each.fromMs === fromMs);
    if (claim === undefined || staged.tally === undefined) continue;
    const grown: Position = { ...position, claims: claimLate(position.claims, claim, staged.tally, bytes) };
    await session.commit(grown, staged.parts);
    await session.publish();
    rows += staged.tally.rows;
    report.late += staged.tally.rows;
    report.parts += staged.parts.length;
    report.bytes += bytes;
  }
  return rows;
}
