import { readStagingFolder, stagingRoot } from './staging.ts';
import type { Store } from './store.ts';
import type { CommittedPart, Watermark } from './watermark.ts';

/** What one sweep removes at most; the next one goes on. */
const FOLDERS_LIMIT = 100;

/**
 * Removes what crashed runs have left in a home's staging, and gives the number of files. A folder goes when its run
 * opened the home at an earlier commit than this watermark's, and the watermark knows nothing of it: whatever that run
 * holds as its condition is spent, however long it slept. An old view of the watermark errs on the safe side.
 */
export async function sweepStaging(
  store: Store,
  home: string,
  watermark: Watermark,
  signal: AbortSignal,
): Promise<number> {
  const kept = new Set(watermark.publishing.flatMap(foldersOf));
  let folders = 0;
  let removed = 0;
  for await (const folder of store.list(stagingRoot(home))) {
    if (signal.aborted || folders === FOLDERS_LIMIT) break;
    const { commit, runId } = readStagingFolder(folder.path);
    if (!folder.isFolder || kept.has(folder.path) || runId === watermark.runId || commit >= watermark.commit) continue;
    folders += 1;
    for await (const file of store.list(folder.path)) {
      await store.remove(file.path);
      removed += 1;
    }
    await store.remove(folder.path);
  }
  return removed;
}

function foldersOf(part: CommittedPart): string[] {
  return 'staged' in part ? [part.staged.slice(0, part.staged.lastIndexOf('/'))] : [];
}
