import { audit } from './audit.ts';
import { claimWindow } from './claims.ts';
import { columnWarnings } from './kql/columns.ts';
import type { Opened } from './open.ts';
import { createPace, type Pace } from './pace.ts';
import { rotate } from './rotate.ts';
import { hasBudget, type Run } from './run.ts';
import type { Backfill, Claim, Position } from './sink.ts';
import type { StagedWindow } from './stage.ts';
import { sum } from './sum.ts';
import { hourOf } from './window.ts';
import { stageWindows } from './windows.ts';

/** Backfills that are worked off beside a home. */
export interface Beside {
  /** Each for itself. */
  works(): readonly (() => Promise<void>)[];
  /** Those that are not finished then, for the last write of the run. */
  left(): readonly Backfill[];
}

/**
 * Exports a home window by window until `endMs` or the budget. Once it is there, recounts its closed hours and works off
 * what is beside it; each of these may take all the budget that is left, so that another one is the first in each run.
 * @param note called whenever the position has moved.
 * @returns the position that is kept in the end.
 */
export async function exportHome(
  run: Run,
  opened: Opened,
  endMs: number,
  note: () => void,
  beside?: Beside,
): Promise<Position> {
  const { session } = opened;
  const { options, ports, report } = run;
  const pace = createPace(session.position.windowMs, options.windowMs, endMs);
  const before = { crashed: session.unpublished.parts > 0, hour: hourOf(session.position.exportedUntilMs) };
  let claims: readonly Claim[] | undefined;
  const recount = async () => {
    claims = await audit(run, opened);
  };
  const kept = (): Position => ({
    ...session.position,
    windowMs: pace.learnedMs ?? session.position.windowMs,
    claims: claims ?? session.position.claims,
    backfills: beside?.left() ?? session.position.backfills,
  });
  note();
  try {
    await session.publish();
    for await (const staged of stageWindows(run, opened, pace)) {
      if (opened.isNew && report.rows === 0 && staged.rows > 0) {
        // Once, for a query that is new: with the first rows of its answers.
        for (const text of columnWarnings(staged.columns, opened.look.itemId))
          ports.log.warn(`${options.name}: ${text}`);
      }
      await session.commit(following(run, opened, pace, staged), staged.parts);
      count(run, staged);
      await session.publish();
      note();
    }
    const isAtEnd = pace.next(session.position.exportedUntilMs) === undefined;
    const works = isAtEnd ? [recount, ...(beside?.works() ?? [])] : [];
    for (const work of rotate(run, 'works', works)) if (hasBudget(run)) await work();
  } catch (error) {
    await session.close(kept()).catch((second) => ports.log.debug(`${options.name}: ${second}`));
    throw error;
  }
  const position = kept();
  await session.close(position);
  // Last, so that a slow sweep never keeps a run from its windows; once an hour, or after a crash, for it costs a listing.
  if (before.crashed || hourOf(position.exportedUntilMs) !== before.hour) {
    await session.sweep(run.signal).catch((error) => ports.log.warn(`${options.name}: the sweep failed: ${error}`));
  }
  return position;
}

/** The position behind a window. */
function following(run: Run, { session, look, isAgain }: Opened, pace: Pace, staged: StagedWindow): Position {
  const { position } = session;
  const { ports, options } = run;
  // Claims of another query cannot be recounted, and without an audit nobody does.
  const claims = position.query === ports.table.text && options.auditMs > 0 ? position.claims : [];
  const bytes = sum(staged.parts, (part) => part.bytes);
  // A row of a window has an ingestion time.
  const isProven = staged.rows > 0 || (position.query === ports.table.text && position.look?.proven === true);
  // What was read so late has settled: nothing can come.
  const isSettled = !isAgain && staged.window.endMs + options.auditMs < staged.asOfMs - options.lagMs;
  return {
    ...position,
    query: ports.table.text,
    exportedUntilMs: staged.window.endMs,
    windowMs: pace.sizeMs,
    look: { ...look, proven: look.proven || isProven },
    claims: staged.tally === undefined || isSettled ? claims : claimWindow(claims, staged.window, staged.tally, bytes),
  };
}

function count({ report }: Run, staged: StagedWindow): void {
  report.windows += 1;
  report.parts += staged.parts.length;
  report.rows += staged.rows;
  report.bytes += staged.parts.reduce((bytes, part) => bytes + part.bytes, 0);
  report.answerBytes += staged.bytes;
}
