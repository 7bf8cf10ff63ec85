import { formatCount } from './human.ts';
import type { Exported } from './late.ts';
import { OversizeError } from './logs.ts';
import type { Opened } from './open.ts';
import type { Column } from './rows.ts';
import { asking, hasTime, type Run } from './run.ts';
import type { PartKey, Staged, Tally } from './sink.ts';
import { type Cost, halvesOf } from './sizing.ts';
import type { Asking } from './table.ts';
import { addTallies, NO_ROWS, type Tap, tapRows } from './tally.ts';
import { formatIso, type Window } from './window.ts';

/** A window's rows in staging, ready to be committed. */
export interface StagedWindow extends Cost {
  readonly window: Window;
  readonly parts: readonly Staged[];
  /** The service's clock when it began to read, the earliest of all answers. */
  readonly asOfMs: number;
  /** How much of its time passed before the answer began. */
  readonly waitedMs: number;
  /** The columns of the answer. */
  readonly columns: readonly Column[];
  /** Of what was exported before, what was not in the answer. */
  readonly left: Exported | undefined;
  /** What is in the parts; `undefined` when there are no keys, or nobody will recount them. */
  readonly tally: Tally | undefined;
}

/** How a window is staged. */
export interface How extends Pick<Asking, 'isAhead' | 'onRetry'> {
  /** Rows that are left out. */
  readonly exported?: Exported | undefined;
}

/** A window of one millisecond may be split into so many buckets. */
const BUCKETS_LIMIT = 1024;

/**
 * Exports a window into staging. Below a millisecond it is split by a hash of `_ItemId`. Nothing stays staged when it throws.
 * @throws OversizeError when the window is longer than that, and must be halved.
 */
export async function stageWindow(run: Run, opened: Opened, window: Window, how: How = {}): Promise<StagedWindow> {
  try {
    return await stagePart(run, opened, { window }, how);
  } catch (error) {
    if (!(error instanceof OversizeError) || window.endMs - window.startMs > 1) throw error;
    return await stageBuckets(run, opened, window, error, how);
  }
}

/**
 * Stages those rows of a window that have not been exported, window by window as small as the answers must be, and as far as
 * the time of the run goes.
 */
export async function* stageLate(
  run: Run,
  opened: Opened,
  window: Window,
  exported: Exported,
): AsyncGenerator<StagedWindow> {
  const windows = [window];
  let left: Exported | undefined = exported;
  for (let next = windows.shift(); next !== undefined; next = windows.shift()) {
    try {
      const staged: StagedWindow = await stageWindow(run, opened, next, { exported: left });
      left = staged.left;
      yield staged;
    } catch (error) {
      if (!(error instanceof OversizeError)) throw error;
      if (!hasTime(run)) return;
      windows.unshift(...halvesOf(next));
    }
  }
}

async function stageBuckets(
  run: Run,
  opened: Opened,
  window: Window,
  cause: OversizeError,
  how: How,
): Promise<StagedWindow> {
  const where = `the millisecond ${formatIso(window.startMs)}`;
  if (opened.look.itemId === undefined) {
    throw new Error(`${where} has too many rows for one answer, and the table has no _ItemId to split them by`, {
      cause,
    });
  }
  let last = cause;
  for (let of = 2; of <= BUCKETS_LIMIT; of *= 2) {
    const staged: StagedWindow[] = [];
    try {
      for (let index = 0; index < of; index++) {
        const exported = staged.at(-1)?.left ?? how.exported;
        staged.push(await stagePart(run, opened, { window, bucket: { index, of } }, { ...how, exported }));
      }
      const whole = joinBuckets(window, staged);
      const count = await run.ports.table.count(window, opened.look, asking(run));
      if (whole.rows === count) return whole;
      throw new Error(
        `${where}: ${of} hash parts have ${formatCount(whole.rows, 'row')}, but a count of it says ${count}; the next run asks again`,
      );
    } catch (error) {
      await opened.session.discard(staged.flatMap(({ parts }) => parts));
      if (!(error instanceof OversizeError)) throw error;
      last = error;
    }
  }
  const what =
    last.rows > 0
      ? 'is still too large in'
      : 'got no answer in time, nor in parts: it seems that Logs has an outage of this table alone. Nothing is lost, the ' +
        'next run goes on. If it stays so, it is too large for';
  throw new Error(`${where} ${what} ${BUCKETS_LIMIT} hash parts; narrow the export's query`, { cause: last });
}

function joinBuckets(window: Window, staged: readonly StagedWindow[]): StagedWindow {
  const sum = (of: (bucket: StagedWindow) => number) => staged.reduce((total, bucket) => total + of(bucket), 0);
  return {
    window,
    parts: staged.flatMap((bucket) => bucket.parts),
    asOfMs: Math.min(...staged.map((bucket) => bucket.asOfMs)),
    columns: staged[0]?.columns ?? [],
    left: staged.at(-1)?.left,
    tally: staged.map(({ tally }) => tally).reduce((a, b) => a && b && addTallies(a, b)),
    rows: sum((bucket) => bucket.rows),
    bytes: sum((bucket) => bucket.bytes),
    durationMs: sum((bucket) => bucket.durationMs),
    waitedMs: sum((bucket) => bucket.waitedMs),
  };
}

async function stagePart(run: Run, opened: Opened, key: PartKey, how: How): Promise<StagedWindow> {
  const { ports } = run;
  const { exported } = how;
  const { session, look } = opened;
  const startedAtMs = Math.floor(ports.clock.now());
  const startedElapsedMs = ports.clock.elapsed();
  let waitedMs = 0;
  let matching: ReturnType<Exported['match']> | undefined;
  let tap: Tap | undefined;
  let staged: Staged | undefined;
  const discard = async () => {
    if (staged !== undefined) await session.discard([staged]);
    staged = undefined;
  };
  const answer = await ports.table
    .rows(key, look, asking(run, how), async (rows) => {
      waitedMs = ports.clock.elapsed() - startedElapsedMs;
      await discard(); // an earlier attempt's
      matching = exported?.match();
      tap = tapRows(rows, opened.counted, ports.keys, matching?.isNew);
      staged = await session.stage({ ...key, isLate: exported !== undefined }, tap.rows);
    })
    .catch(async (error: unknown) => {
      await discard();
      if (error instanceof OversizeError) countDiscarded(run, error.bytes);
      throw error;
    });
  if (answer.rows !== (tap?.read ?? 0)) {
    await discard();
    throw new Error(`found ${formatCount(tap?.read ?? 0, 'row')}, expected the answer's ${answer.rows}`);
  }
  return {
    window: key.window,
    parts: staged === undefined ? [] : [staged],
    asOfMs: answer.asOfMs ?? startedAtMs,
    columns: answer.columns,
    left: matching?.left(),
    tally: answer.rows === 0 && mayHave(answer.columns, opened.counted) ? NO_ROWS : tap?.tally,
    rows: answer.rows,
    bytes: answer.bytes,
    durationMs: ports.clock.elapsed() - startedElapsedMs,
    waitedMs,
  };
}

/** Whether the column may be there: an answer without rows may come without columns. */
function mayHave(columns: readonly Column[], wanted: string | undefined): boolean {
  return wanted !== undefined && (columns.length === 0 || columns.some(({ name }) => name === wanted));
}

/** An answer was thrown away; so much had been read of it. */
export function countDiscarded({ report }: Run, bytes: number): void {
  report.discardedAnswers += 1;
  report.discardedBytes += bytes;
}
