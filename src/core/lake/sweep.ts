import { readStaged, stagingRoot } from './staging.ts';
import type { Store } from './store.ts';
import type { LakePart, Watermark } from './watermark.ts';

/** What one sweep removes at most, files and folders; the next one goes on. */
const LIMIT = 100;

/**
 * Removes what crashed runs have left in a home's staging, and gives the number of files. A file goes when its run opened
 * the home at an earlier commit than this watermark's, and the watermark knows nothing of that run: whatever it holds as its
 * condition is spent, however long it slept. An old view of the watermark errs on the safe side.
 */
export async function sweepStaging(
  store: Store,
  home: string,
  watermark: Watermark,
  signal: AbortSignal,
): Promise<number> {
  const known = new Set([watermark.runId, ...watermark.publishing.map(runOf)]);
  let taken = 0;
  let removed = 0;
  for await (const { path, isFolder } of store.list(stagingRoot(home))) {
    if (signal.aborted || taken === LIMIT) break;
    const run = readStaged(path, isFolder);
    if (run === undefined || known.has(run.runId) || run.commit >= watermark.commit) continue;
    taken += 1;
    removed += isFolder ? await empty(store, path) : 1;
    await store.remove(path);
  }
  return removed;
}

/** The run that has staged a part. */
function runOf({ staged }: LakePart): string | undefined {
  return (readStaged(staged, false) ?? readStaged(staged.slice(0, staged.lastIndexOf('/')), true))?.runId;
}

async function empty(store: Store, folder: string): Promise<number> {
  let removed = 0;
  for await (const file of store.list(folder)) {
    await store.remove(file.path);
    removed += 1;
  }
  return removed;
}
