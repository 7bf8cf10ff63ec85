import { type BackfillRange, RefusedError } from './backfill.ts';
import { openExport } from './open.ts';
import { checkEmpty, withRepair } from './repair.ts';
import type { Run } from './run.ts';
import { type Position, SupersededError } from './sink.ts';
import { formatIso } from './window.ts';

/** Other runs may commit in between; each commits at most once a minute or so. */
const LIST_ATTEMPTS = 10;

const UNTIL = 'Say --until, the start of the oldest part, or delete the parts first';
const FROM =
  'Delete all of them first; or, if they were exported under a watermark that was lost, write the start of the oldest one as ' +
  '"exportedFrom" into this one';

/**
 * Lists a range as a backfill of the export, unless it lies in what has been exported.
 * @returns whether there is anything to do.
 * @throws saying why the range cannot be exported.
 */
export async function listBackfill(run: Run, range: BackfillRange): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    const { session } = await openExport(run);
    try {
      // First: a part that a crashed run has left to publish may lie in the range.
      await session.publish();
      const listed = await withBackfill(run, session.position, range);
      if (listed === undefined) return false;
      await session.commit(listed, []);
      await session.publish();
      return true;
    } catch (error) {
      // Where the export began may have changed.
      if (!(error instanceof SupersededError) || attempt === LIST_ATTEMPTS) throw error;
    } finally {
      await session.close();
    }
  }
}

/** The position that lists the range; `undefined` when all of it has been exported or is listed. */
async function withBackfill(run: Run, position: Position, range: BackfillRange): Promise<Position | undefined> {
  const { fromMs } = range;
  const id = run.report.runId;
  if (range.again) return withRepair(run, position, range);
  const { exportedFromMs } = position;
  if (exportedFromMs !== undefined && fromMs >= exportedFromMs) return undefined;
  const untilMs = exportedFromMs ?? range.untilMs;
  if (untilMs === undefined) {
    throw new RefusedError(
      'it is not known where this export began, for its watermark was made anew, or is of an earlier version: say it with ' +
        '--until, the start of its oldest part',
    );
  }
  if (exportedFromMs !== undefined && range.untilMs !== undefined && range.untilMs !== untilMs) {
    throw new RefusedError(`it is known that this export began at ${formatIso(untilMs)}: leave out --until`);
  }
  if (fromMs >= untilMs) throw new RefusedError(`found --until ${formatIso(untilMs)}, expected a time after --from`);
  // What someone said may be wrong, and so may a watermark that was made anew.
  await checkEmpty(run, { startMs: fromMs, endMs: untilMs }, exportedFromMs === undefined ? UNTIL : FROM);
  return { ...position, exportedFromMs: fromMs, backfills: [...position.backfills, { id, fromMs, untilMs }] };
}
