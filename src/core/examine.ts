import { claimLate } from './claims.ts';
import { formatCount } from './human.ts';
import { createExported, type Exported, windowsOf } from './late.ts';
import type { Opened } from './open.ts';
import { keyOf, recountAsMany } from './recount.ts';
import { asking, hasTime, type Run } from './run.ts';
import type { Claim, Part, Tally } from './sink.ts';
import { stageLate } from './stage.ts';
import { sum } from './sum.ts';
import { isSameTally } from './tally.ts';
import { formatIso, type Window } from './window.ts';

/** A part cannot be read back. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}

/**
 * Why Logs has other rows than the claim. `undefined` when some were late and have been exported, or the run has to end: the
 * next recount decides. `untold` when some are late that nothing tells apart. An hour is examined as a whole, beyond the
 * budget if need be. Should the run end before, late rows that it has exported stay exported: the next one finds their
 * windows equal, and gets further.
 */
export async function examine(
  run: Run,
  opened: Opened,
  claim: Claim,
): Promise<'fewer' | 'taken' | 'untold' | undefined> {
  const { sink, log } = run.ports;
  const { name } = run.options;
  if (!hasTime(run)) return undefined;
  const range = { startMs: claim.fromMs, endMs: claim.untilMs };
  const parts = await Array.fromAsync(sink.parts(name, range));
  const rows = sum(parts, (part) => part.rows);
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
    const bytes = sum(staged.parts, (part) => part.bytes);
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
