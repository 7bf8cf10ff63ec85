import { ask, askNumber } from './ask.ts';
import { createLines } from './formats/lines.ts';
import { type Bucket, countQuery, type ExportQuery, windowQuery } from './kql/query.ts';
import { partPath } from './lake/part.ts';
import { ExistsError, type Staged } from './lake/store.ts';
import type { Publishing } from './lake/watermark.ts';
import { type Answer, NoItemIdError, OversizeError } from './logs.ts';
import { type Rows, resume } from './rows.ts';
import { type Run, stagedPath } from './run.ts';
import type { Cost } from './sizing.ts';
import { formatIso, type Window } from './window.ts';

/** A window's rows in staging, ready to be committed. */
export interface StagedWindow extends Cost {
  readonly parts: readonly Publishing[];
  /** The service's clock when it began to read, the earliest of all answers. */
  readonly asOfMs: number;
}

/** A window of one millisecond may be split into so many buckets. */
const BUCKETS_LIMIT = 1024;
/** A name in a run's own folder can only be taken by an earlier attempt of the same request. */
const NAMES_LIMIT = 3;

/**
 * Exports a window into staging. Below a millisecond it is split by a hash of `_ItemId`.
 * @throws OversizeError when the window is longer than that, and must be halved.
 */
export async function stageWindow(run: Run, window: Window): Promise<StagedWindow> {
  try {
    return await stageBucket(run, window, undefined);
  } catch (error) {
    if (!(error instanceof OversizeError) || window.endMs - window.startMs > 1) throw error;
    return await stageBuckets(run, window, error);
  }
}

/** Removes what has been staged since the last commit. What cannot be removed is left to the sweep. */
export async function unstage(run: Run): Promise<void> {
  for (const path of run.uncommitted.splice(0)) await discard(run, path);
}

/** Removes a staged file or an empty folder, best effort. */
export async function discard(run: Run, path: string): Promise<void> {
  const { store, log } = run.ports;
  await store.remove(path).catch((error: unknown) => log.debug(`${path} stays until the next sweep: ${error}`));
}

async function stageBuckets(run: Run, window: Window, cause: OversizeError): Promise<StagedWindow> {
  const { name, query } = run.options;
  const where = `${name}: the millisecond ${formatIso(window.startMs)}`;
  if (withoutItemId.has(query)) {
    throw new Error(`${where} has too many rows for one answer, and ${query.table} has no _ItemId to split them by`, {
      cause,
    });
  }
  for (let of = 2; of <= BUCKETS_LIMIT; of *= 2) {
    try {
      const staged: StagedWindow[] = [];
      for (let index = 0; index < of; index++) staged.push(await stageBucket(run, window, { index, of }));
      const whole = joinBuckets(staged);
      const count = await askNumber(run, countQuery(windowQuery(query, window, true)), window);
      if (whole.rows === count) return whole;
      throw new Error(
        `${where}: ${of} hash parts have ${whole.rows} rows, but a count of it says ${count}; the next run asks again`,
      );
    } catch (error) {
      await unstage(run);
      if (!(error instanceof OversizeError)) throw error;
    }
  }
  throw new Error(`${where} is still too large in ${BUCKETS_LIMIT} hash parts; narrow the export's query`, { cause });
}

function joinBuckets(staged: readonly StagedWindow[]): StagedWindow {
  const sum = (of: (bucket: StagedWindow) => number) => staged.reduce((total, bucket) => total + of(bucket), 0);
  return {
    parts: staged.flatMap((bucket) => bucket.parts),
    asOfMs: Math.min(...staged.map((bucket) => bucket.asOfMs)),
    rows: sum((bucket) => bucket.rows),
    bytes: sum((bucket) => bucket.bytes),
    durationMs: sum((bucket) => bucket.durationMs),
  };
}

async function stageBucket(run: Run, window: Window, bucket: Bucket | undefined): Promise<StagedWindow> {
  const { options, ports } = run;
  const startedAtMs = Math.floor(ports.clock.now());
  const startedElapsedMs = ports.clock.elapsed();
  let file: { path: string; staged: Staged } | undefined;
  const answer = await queryWindow(run, window, bucket, async (rows) => {
    if (file !== undefined) await discard(run, file.path); // an earlier attempt's
    file = undefined;
    file = await stageRows(run, rows);
  });
  if (answer.rows > 0 !== (file !== undefined)) {
    throw new Error(`${options.name}: an answer of ${answer.rows} rows came with ${file ? 'a' : 'no'} part`);
  }
  return {
    parts: file === undefined ? [] : [toPublish(run, window, bucket, answer.rows, file)],
    asOfMs: answer.asOfMs ?? startedAtMs,
    rows: answer.rows,
    bytes: answer.bytes,
    durationMs: ports.clock.elapsed() - startedElapsedMs,
  };
}

/** Streams rows into a new staged file; `undefined` when there are none. */
async function stageRows(run: Run, { columns, batches }: Rows) {
  const iterator = batches[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return undefined;
  const rows = { columns, batches: resume(first, iterator) };
  for (let attempt = 1; ; attempt++) {
    const path = stagedPath(run);
    run.uncommitted.push(path);
    try {
      // The store refuses before it reads, so that the rows are still whole for another name.
      return { path, staged: await run.ports.store.create(path, createLines(run.options.compression).encode(rows)) };
    } catch (error) {
      if (!(error instanceof ExistsError) || attempt === NAMES_LIMIT) throw error;
    }
  }
}

function toPublish(
  run: Run,
  window: Window,
  bucket: Bucket | undefined,
  rows: number,
  file: { path: string; staged: Staged },
): Publishing {
  const { name, compression } = run.options;
  const path = partPath(name, window, rows, bucket, createLines(compression).extension);
  return { staged: file.path, path, rows, bytes: file.staged.bytes, etag: file.staged.etag };
}

/** Queries whose table has no `_ItemId`, and whose answers have no `ItemId`: known for the life of the process. */
const withoutItemId = new WeakSet<ExportQuery>();
const droppingItemId = new WeakSet<ExportQuery>();

async function queryWindow(
  run: Run,
  window: Window,
  bucket: Bucket | undefined,
  receive: (rows: Rows) => Promise<void>,
): Promise<Answer<void>> {
  const { name, query } = run.options;
  const { log } = run.ports;
  if (!withoutItemId.has(query)) {
    try {
      const answer = await ask(run, windowQuery(query, window, true, bucket), window, receive);
      const isDropped = answer.columns.length > 0 && !answer.columns.some(({ name }) => name === 'ItemId');
      if (isDropped && !droppingItemId.has(query)) {
        droppingItemId.add(query);
        log.warn(
          `${name}: the query drops ItemId, so that nobody can tell the exported rows apart; keep it in the projection`,
        );
      }
      return answer;
    } catch (error) {
      if (!(error instanceof NoItemIdError)) throw error;
      withoutItemId.add(query);
      log.warn(
        `${name}: ${query.table} has no _ItemId; its rows are exported without, and cannot be split below a millisecond`,
      );
    }
  }
  return await ask(run, windowQuery(query, window, false), window, receive);
}
