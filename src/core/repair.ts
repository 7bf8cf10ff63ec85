import { type BackfillRange, backfillHome, isFinished, RefusedError } from './backfill.ts';
import { holderOf } from './open.ts';
import type { Run } from './run.ts';
import type { Backfill, Holder, Position, Sink } from './sink.ts';
import { sum } from './sum.ts';
import { formatIso, HOUR_MS, type Window } from './window.ts';

/**
 * The position that lists a range to be exported again; `undefined` when that is listed already, and its parts are there or
 * still to come.
 * @throws saying why it cannot be exported again.
 */
export async function withRepair(run: Run, position: Position, range: BackfillRange): Promise<Position | undefined> {
  const { fromMs, untilMs: endMs = Number.NaN } = range;
  const same = sameOf(position, range);
  if (same === undefined) checkRange(position, range);
  else if (!(await endRepair(run, same))) return undefined;
  await checkEmpty(run, { startMs: fromMs, endMs });
  return {
    ...position,
    // An audit would compare its parts with what was there before.
    claims: position.claims.filter((claim) => claim.fromMs >= endMs || claim.untilMs <= fromMs),
    backfills: [
      ...position.backfills.filter((each) => each !== same),
      { id: run.report.runId, fromMs, untilMs: endMs, again: true },
    ],
  };
}

/**
 * Whether a range has been exported again, or is about to be, and waits for its recount.
 * @throws when some of its parts are gone.
 */
export async function isRepaired(
  sink: Sink,
  position: Position,
  range: BackfillRange,
  holder: Holder,
): Promise<boolean> {
  const same = sameOf(position, range);
  if (same === undefined) return false;
  const session = await sink.open(backfillHome(position.export, same), holder);
  // What is committed and not visible yet, by a run that is at it or has crashed, is not gone.
  if (session === undefined || session.unpublished.parts > 0) return true;
  return !(isFinished(session, same.untilMs) || (await isLost(sink, session.position, same)));
}

/** The repair that is listed for the very range. */
function sameOf({ backfills }: Position, { again, fromMs, untilMs }: BackfillRange): Backfill | undefined {
  return backfills.find((each) => again && each.again && each.fromMs === fromMs && each.untilMs === untilMs);
}

/**
 * Ends a repair whose parts have been deleted again. Its watermark is at its end and claims nothing, so that no run exports
 * anything of it any more, those neither that have begun.
 * @returns whether it is over.
 */
async function endRepair(run: Run, repair: Backfill): Promise<boolean> {
  const { sink } = run.ports;
  const session = await sink.open(backfillHome(run.options.name, repair), holderOf(run));
  if (session === undefined) return false;
  try {
    await session.publish();
    if (isFinished(session, repair.untilMs)) return true;
    const { position } = session;
    if (!(await isLost(sink, position, repair))) return false;
    const exportedUntilMs = Math.max(position.exportedUntilMs, repair.untilMs);
    await session.commit({ ...position, exportedUntilMs, claims: [] }, []);
    await session.publish();
    return true;
  } finally {
    await session.close();
  }
}

/**
 * Whether a repair has begun, and none of its parts is there any more, if it had any. How many it had is not known: hours
 * that have been recounted are claimed no more.
 * @throws when some are gone.
 */
async function isLost(sink: Sink, position: Position, { fromMs, untilMs }: Backfill): Promise<boolean> {
  const { claims, exportedUntilMs } = position;
  const claimed = sum(claims, ({ rows }) => rows);
  if (sink.isOneWay || exportedUntilMs <= fromMs) return false;
  let left: string | undefined;
  let rows = 0;
  for await (const part of partsOf(sink, position.export, { startMs: fromMs, endMs: untilMs })) {
    left ??= part.path;
    if (claims.some((claim) => part.startMs >= claim.fromMs && part.startMs < claim.untilMs)) rows += part.rows;
  }
  if (left === undefined || rows >= claimed) return left === undefined;
  throw new RefusedError(
    `the range has been exported again, or some of it, and parts of it are gone since: delete all that are left, such as ` +
      `${left}, and repeat the command`,
  );
}

function checkRange(position: Position, { fromMs, untilMs: endMs = Number.NaN }: BackfillRange): void {
  const exported = { fromMs: position.exportedFromMs ?? fromMs, untilMs: position.exportedUntilMs };
  if (!(fromMs >= exported.fromMs && fromMs < endMs && endMs <= exported.untilMs)) {
    throw new RefusedError(
      `found the range from ${formatIso(fromMs)} until ${Number.isNaN(endMs) ? 'nowhere' : formatIso(endMs)}, expected ` +
        `one inside what has been exported, ${formatIso(exported.fromMs)} to ${formatIso(exported.untilMs)}`,
    );
  }
  const other = position.backfills.find((each) => each.fromMs < endMs && each.untilMs > fromMs);
  if (other !== undefined) {
    throw new RefusedError(
      `the backfill of ${formatIso(other.fromMs)} to ${formatIso(other.untilMs)} overlaps the range, and is listed already: ` +
        `let it end first${other.again ? ', or repeat the command of that range' : ''}`,
    );
  }
  checkHours(position, { startMs: fromMs, endMs });
}

/** @throws when the range has only a part of an hour: nobody would recount the rest of it. */
function checkHours({ exportedFromMs, exportedUntilMs }: Position, { startMs, endMs }: Window): void {
  const [firstMs, lastMs] = [Math.floor(startMs / HOUR_MS) * HOUR_MS, Math.ceil(endMs / HOUR_MS) * HOUR_MS];
  const beginMs = Math.max(firstMs, exportedFromMs ?? firstMs);
  if (startMs === beginMs && (endMs === lastMs || endMs === exportedUntilMs)) return;
  throw new RefusedError(
    `found the range from ${formatIso(startMs)} until ${formatIso(endMs)}, expected whole hours, for they are recounted as ` +
      `a whole: delete the parts of all of them, and say --from ${formatIso(beginMs)} --to ${formatIso(lastMs)}`,
  );
}

/** @throws RefusedError when readers can see a part of the range. */
export async function checkEmpty(
  { ports, options }: Run,
  range: Window,
  advice = 'Delete all of them first',
): Promise<void> {
  for await (const part of partsOf(ports.sink, options.name, range)) {
    throw new RefusedError(`there is a part of that range, ${part.path}: its rows would be doubled. ${advice}`);
  }
}

/** Those that lie in a range, or begin before it. */
async function* partsOf(sink: Sink, exportName: string, { startMs, endMs }: Window) {
  const hours = { startMs: Math.floor(startMs / HOUR_MS) * HOUR_MS, endMs };
  for await (const part of sink.parts(exportName, hours)) if (part.endMs > startMs) yield part;
}
