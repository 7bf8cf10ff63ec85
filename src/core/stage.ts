import { type Answer, OversizeError } from './logs.ts';
import type { Opened } from './open.ts';
import { asking, type Run } from './run.ts';
import type { PartKey, Staged } from './sink.ts';
import type { Cost } from './sizing.ts';
import { formatIso, type Window } from './window.ts';

/** A window's rows in staging, ready to be committed. */
export interface StagedWindow extends Cost {
  readonly window: Window;
  readonly parts: readonly Staged[];
  /** The service's clock when it began to read, the earliest of all answers. */
  readonly asOfMs: number;
  /** The columns of the answer. */
  readonly columns: readonly string[];
}

/** A window of one millisecond may be split into so many buckets. */
const BUCKETS_LIMIT = 1024;

/**
 * Exports a window into staging. Below a millisecond it is split by a hash of `_ItemId`. Nothing stays staged when it throws.
 * @throws OversizeError when the window is longer than that, and must be halved.
 */
export async function stageWindow(run: Run, opened: Opened, window: Window): Promise<StagedWindow> {
  try {
    return await stagePart(run, opened, { window });
  } catch (error) {
    if (!(error instanceof OversizeError) || window.endMs - window.startMs > 1) throw error;
    return await stageBuckets(run, opened, window, error);
  }
}

async function stageBuckets(run: Run, opened: Opened, window: Window, cause: OversizeError): Promise<StagedWindow> {
  const where = `the millisecond ${formatIso(window.startMs)}`;
  if (opened.look.itemId === undefined) {
    throw new Error(`${where} has too many rows for one answer, and the table has no _ItemId to split them by`, {
      cause,
    });
  }
  for (let of = 2; of <= BUCKETS_LIMIT; of *= 2) {
    const staged: StagedWindow[] = [];
    try {
      for (let index = 0; index < of; index++) {
        staged.push(await stagePart(run, opened, { window, bucket: { index, of } }));
      }
      const whole = joinBuckets(window, staged);
      const count = await run.ports.table.count(window, opened.look, asking(run));
      if (whole.rows === count) return whole;
      throw new Error(
        `${where}: ${of} hash parts have ${whole.rows} rows, but a count of it says ${count}; the next run asks again`,
      );
    } catch (error) {
      await opened.session.discard(staged.flatMap(({ parts }) => parts));
      if (!(error instanceof OversizeError)) throw error;
    }
  }
  throw new Error(`${where} is still too large in ${BUCKETS_LIMIT} hash parts; narrow the export's query`, { cause });
}

function joinBuckets(window: Window, staged: readonly StagedWindow[]): StagedWindow {
  const sum = (of: (bucket: StagedWindow) => number) => staged.reduce((total, bucket) => total + of(bucket), 0);
  return {
    window,
    parts: staged.flatMap((bucket) => bucket.parts),
    asOfMs: Math.min(...staged.map((bucket) => bucket.asOfMs)),
    columns: staged[0]?.columns ?? [],
    rows: sum((bucket) => bucket.rows),
    bytes: sum((bucket) => bucket.bytes),
    durationMs: sum((bucket) => bucket.durationMs),
  };
}

async function stagePart(run: Run, { session, look }: Opened, key: PartKey): Promise<StagedWindow> {
  const { report, ports } = run;
  const startedAtMs = Math.floor(ports.clock.now());
  const startedElapsedMs = ports.clock.elapsed();
  let staged: Staged | undefined;
  let answer: Answer<void>;
  try {
    answer = await ports.table.rows(key, look, asking(run), async (rows) => {
      if (staged !== undefined) await session.discard([staged]); // an earlier attempt's
      staged = undefined;
      staged = await session.stage(key, rows);
    });
  } catch (error) {
    if (staged !== undefined) await session.discard([staged]);
    if (error instanceof OversizeError) {
      report.discardedAnswers += 1;
      report.discardedBytes += error.bytes;
    }
    throw error;
  }
  if (answer.rows !== (staged?.rows ?? 0)) {
    if (staged !== undefined) await session.discard([staged]);
    throw new Error(`found ${staged?.rows ?? 0} rows staged, expected the answer's ${answer.rows}`);
  }
  return {
    window: key.window,
    parts: staged === undefined ? [] : [staged],
    asOfMs: answer.asOfMs ?? startedAtMs,
    columns: answer.columns.map(({ name }) => name),
    rows: answer.rows,
    bytes: answer.bytes,
    durationMs: ports.clock.elapsed() - startedElapsedMs,
  };
}
