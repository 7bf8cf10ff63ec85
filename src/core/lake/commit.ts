import { formatQuery } from '../kql/query.ts';
import { type Run, stagedPath } from '../run.ts';
import { formatIso } from '../window.ts';
import { ConflictError } from './store.ts';
import { formatWatermark, type Publishing, readWatermark, type Watermark, watermarkPath } from './watermark.ts';

/** Another run has advanced the watermark; this run's commits can never succeed. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
}

/** A reply may be lost and the write still be under way: so often is it sent before the run fails. */
const ATTEMPTS = 2;

/**
 * Moves the watermark to `untilMs` and lists the parts to publish, in one conditional write. Its answer proves nothing
 * either way, so what counts is the watermark that is read back.
 * @throws SupersededError when another run was first: the staged parts are of no use.
 * @throws when the outcome is unknown: the write may still land, so the staged parts must stay.
 */
export async function commit(run: Run, untilMs: number, publishing: readonly Publishing[]): Promise<void> {
  const { options, ports, report } = run;
  const path = watermarkPath(options.name);
  const etag = run.current.etag;
  const text = formatWatermark(following(run, untilMs, publishing));
  let cause: unknown;
  run.uncommitted = [];
  run.published = false;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    await ports.store.replace(path, text, etag, stagedPath(run)).catch((error: unknown) => {
      cause = error;
    });
    const found = await readWatermark(ports.store, options.name);
    if (found === undefined) {
      throw new Error(`${path} is gone: someone deleted it during the run. Its staged parts stay in ${run.folder}`, {
        cause,
      });
    }
    if (found.watermark.runId === report.runId && found.watermark.exportedUntilMs === untilMs) {
      run.current = found;
      run.narrowed = false;
      return;
    }
    if (found.etag !== etag) {
      run.uncommitted = publishing.map((part) => part.staged);
      throw new SupersededError(
        `${options.name}: run ${found.watermark.runId} has exported until ${formatIso(found.watermark.exportedUntilMs)}`,
      );
    }
  }
  throw new Error(
    `${path}: the commit until ${formatIso(untilMs)} was sent ${ATTEMPTS} times and has not arrived. ` +
      'It may still do so; the next run goes on from whatever it finds',
    { cause },
  );
}

/**
 * After the last publish: empties `publishing`, so that a list that is not empty always means a crash, and keeps a window
 * size that was learned without a commit. Whoever has changed the watermark since knows better.
 */
export async function settle(run: Run): Promise<void> {
  const { watermark, etag } = run.current;
  if (watermark.publishing.length === 0 && !run.narrowed) return;
  const text = formatWatermark(following(run, watermark.exportedUntilMs, []));
  try {
    await run.ports.store.replace(watermarkPath(run.options.name), text, etag, stagedPath(run));
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}

function following(run: Run, exportedUntilMs: number, publishing: readonly Publishing[]): Watermark {
  return {
    export: run.options.name,
    source: run.options.source,
    query: formatQuery(run.options.query),
    exportedUntilMs,
    publishing,
    windowMs: run.sizeMs,
    runId: run.report.runId,
    updatedAtMs: Math.floor(run.ports.clock.now()),
  };
}
