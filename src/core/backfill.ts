import { type Beside, exportHome } from './home.ts';
import { type Opened, openHome } from './open.ts';
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
import { DAY_MS } from './window.ts';

/** `<export>/_backfill/<id>`: a backfill is an export of its own. */
export function backfillHome(exportName: string, { id }: Backfill): string {
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

export function isFinished({ position, unpublished }: Session, untilMs: number): boolean {
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

/** The range cannot be exported so: the same call is refused again. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
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
