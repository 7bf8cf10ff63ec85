import type { Run } from '../run.ts';
import { HOUR_MS } from '../window.ts';
import { stagingFolder } from './watermark.ts';

/**
 * Removes what crashed runs have left in staging. A folder goes when all in it is an hour older than the watermark, both
 * by the store's clock, and the watermark knows nothing of its run: whatever that run held as its condition is spent, however
 * long it slept. Age alone proves nothing.
 */
export async function sweep(run: Run): Promise<void> {
  const { store, log } = run.ports;
  const { watermark, modifiedMs } = run.current;
  const kept = new Set(
    [watermark.runId, run.report.runId].map((runId) => `${stagingFolder(run.options.name)}/${runId}`),
  );
  for (const { staged } of watermark.publishing) kept.add(staged.slice(0, staged.lastIndexOf('/')));
  for await (const folder of store.list(stagingFolder(run.options.name))) {
    if (!folder.isFolder || kept.has(folder.path)) continue;
    const files = await Array.fromAsync(store.list(folder.path));
    const newestMs = Math.max(...(files.length > 0 ? files : [folder]).map((entry) => entry.modifiedMs));
    if (newestMs > modifiedMs - HOUR_MS) continue;
    for (const file of files) await store.remove(file.path);
    await store.remove(folder.path);
    log.info(`${folder.path}: removed ${files.length} files that a crashed run left`);
  }
}
