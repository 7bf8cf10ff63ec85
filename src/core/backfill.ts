import { type Beside, exportHome } from './home.ts';
import { type Opened, openExport, openHome } from './open.ts';
import { type BackfillProgress, hasBudget, horizonOf, type Run } from './run.ts';
import {
  type Backfill,
  type Claim,
  type Holder,
  type Position,
  type Session,
  type Sink,
  SupersededError,
} from './sink.ts';
import { DAY_MS, formatIso, HOUR_MS, type Window } from './window.ts';

/** `<export>/_backfill/<id>`: a backfill is an export of its own. */
function backfillHome(exportName: string, { id }: Backfill): string {
  return `${exportName}/_backfill/${id}`;
}

/** The backfills that an export lists, to be worked off in the budget that is left. */
export function listedBackfills(run: Run, live: Opened): Beside {
  const finished = new Set<string>();
  const work = async (backfill: Backfill) => {
    const isFinished = await workOff(run, live, backfill).catch((error: unknown) => {
      if (!(error instanceof SupersededError)) throw error;
      run.ports.log.info(`${run.options.name}: the backfill ${backfill.id} is being worked on: ${error.message}`);
      return false;
    });
    if (isFinished) finished.add(backfill.id);
  };
  return {
    works: () => live.session.position.backfills.map((backfill) => () => work(backfill)),
    left: () => live.session.position.backfills.filter(({ id }) => !finished.has(id)),
  };
}

/** Whether it is finished. */
async function workOff(run: Run, live: Opened, backfill: Backfill): Promise<boolean> {
  const { fromMs, untilMs, again } = backfill;
  const { position } = live.session;
  const first = { ...position, exportedFromMs: fromMs, exportedUntilMs: fromMs, claims: [], backfills: [] };
  const open = async () => ({
    ...(await openHome(run, backfillHome(run.options.name, backfill), first)),
    isAgain: again,
  });
  const lastMs = Math.min(untilMs, horizonOf(run));
  for (let isOver = false; ; ) {
    const opened = await open();
    if (isFinished(opened.session, untilMs)) return true;
    if (isOver || !hasBudget(run)) return false;
    const endMs = again ? Math.min(lastMs, nextDayMs(opened.session.position.exportedUntilMs)) : lastMs;
    const { exportedUntilMs } = await exportHome(run, opened, endMs, () => {
      run.report.backfill = { ...backfill, exportedUntilMs: opened.session.position.exportedUntilMs };
      run.ports.onProgress?.(run.report);
    });
    isOver = exportedUntilMs < endMs || endMs === lastMs;
  }
}

/** A repair claims all its hours. They are recounted day by day, or the watermark would hold a claim for each of them. */
function nextDayMs(atMs: number): number {
  return (Math.floor(atMs / DAY_MS) + 1) * DAY_MS;
}

function isFinished({ position, unpublished }: Session, untilMs: number): boolean {
  return position.exportedUntilMs >= untilMs && position.claims.length === 0 && unpublished.parts === 0;
}

/** What is to be exported besides. Times in milliseconds since 1970. */
export interface BackfillRange {
  readonly fromMs: number;
  /** By default where the export began; of use where that is not known, and for `again`. */
  readonly untilMs: number | undefined;
  /** The range lies inside what has been exported, its parts are gone, and no reader has taken any. */
  readonly again: boolean;
}

/** Other runs may commit in between; each commits at most once a minute or so. */
const LIST_ATTEMPTS = 10;

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
    throw new Error(
      'it is not known where this export began, for its watermark is of an earlier version: say it with --until, the start ' +
        'of its oldest part',
    );
  }
  if (exportedFromMs !== undefined && range.untilMs !== undefined && range.untilMs !== untilMs) {
    throw new Error(`it is known that this export began at ${formatIso(untilMs)}: leave out --until`);
  }
  if (fromMs >= untilMs) throw new Error(`found --until ${formatIso(untilMs)}, expected a time after --from`);
  // What someone said may be wrong.
  if (exportedFromMs === undefined) await checkEmpty(run, { startMs: fromMs, endMs: untilMs });
  return { ...position, exportedFromMs: fromMs, backfills: [...position.backfills, { id, fromMs, untilMs }] };
}

async function withRepair(
  run: Run,
  position: Position,
  { fromMs, untilMs }: BackfillRange,
): Promise<Position | undefined> {
  const endMs = untilMs ?? Number.NaN;
  const overlaps = (other: { fromMs: number; untilMs: number }) => other.fromMs < endMs && other.untilMs > fromMs;
  const isSame = ({ again, ...other }: Backfill) => again && other.fromMs === fromMs && other.untilMs === endMs;
  if (position.backfills.some(isSame)) return undefined;
  const exported = { fromMs: position.exportedFromMs ?? fromMs, untilMs: position.exportedUntilMs };
  if (!(fromMs >= exported.fromMs && fromMs < endMs && endMs <= exported.untilMs)) {
    throw new Error(
      `found the range from ${formatIso(fromMs)} until ${untilMs === undefined ? 'nowhere' : formatIso(untilMs)}, expected ` +
        `one inside what has been exported, ${formatIso(exported.fromMs)} to ${formatIso(exported.untilMs)}`,
    );
  }
  if (position.backfills.some(overlaps))
    throw new Error('a backfill that overlaps the range is listed already: let it end first');
  checkHours(position, { startMs: fromMs, endMs });
  await checkEmpty(run, { startMs: fromMs, endMs });
  return {
    ...position,
    // An audit would compare its parts with what was there before.
    claims: position.claims.filter((claim) => !overlaps(claim)),
    backfills: [...position.backfills, { id: run.report.runId, fromMs, untilMs: endMs, again: true }],
  };
}

/** @throws when the range has only a part of an hour: nobody would recount the rest of it. */
function checkHours({ exportedFromMs, exportedUntilMs }: Position, { startMs, endMs }: Window): void {
  const [firstMs, lastMs] = [Math.floor(startMs / HOUR_MS) * HOUR_MS, Math.ceil(endMs / HOUR_MS) * HOUR_MS];
  const beginMs = Math.max(firstMs, exportedFromMs ?? firstMs);
  if (startMs === beginMs && (endMs === lastMs || endMs === exportedUntilMs)) return;
  throw new Error(
    `found the range from ${formatIso(startMs)} until ${formatIso(endMs)}, expected whole hours, for they are recounted as ` +
      `a whole: delete the parts of all of them, and say --from ${formatIso(beginMs)} --to ${formatIso(lastMs)}`,
  );
}

/** @throws when readers can see a part of the range. */
async function checkEmpty(run: Run, { startMs, endMs }: Window): Promise<void> {
  const hours = { startMs: Math.floor(startMs / HOUR_MS) * HOUR_MS, endMs };
  for await (const part of run.ports.sink.parts(run.options.name, hours)) {
    if (part.endMs <= startMs) continue;
    throw new Error(`there is a part of that range, ${part.path}: its rows would be doubled. Delete all of them first`);
  }
}

/** A backfill that an export lists, and how far it is. */
export interface ListedBackfill extends BackfillProgress {
  /** Of its hours that have not been recounted yet. */
  readonly claims: readonly Claim[];
  /** Parts that a crashed run has left to publish. */
  readonly unpublished: number;
}

/** The backfills that an export lists, as the positions of their homes have it. */
export async function readBackfills(sink: Sink, position: Position, holder: Holder): Promise<ListedBackfill[]> {
  const found: ListedBackfill[] = [];
  for (const backfill of position.backfills) {
    const session = await sink.open(backfillHome(position.export, backfill), holder);
    const { exportedUntilMs, claims } = session?.position ?? { exportedUntilMs: backfill.fromMs, claims: [] };
    found.push({ ...backfill, exportedUntilMs, claims, unpublished: session?.unpublished.parts ?? 0 });
  }
  return found;
}
