import type { Run } from '../run.ts';
import type { Publishing } from './watermark.ts';

/**
 * Makes the committed parts of the current watermark visible, each once. The staged file is the token: a missing one means
 * that its part has been published, by this run or another.
 * @throws when a part is neither published nor can be; nothing is deleted then.
 */
export async function publish(run: Run): Promise<void> {
  for (const part of run.current.watermark.publishing) await publishPart(run, part);
  run.published = true;
}

async function publishPart(run: Run, part: Publishing): Promise<void> {
  const { store, log } = run.ports;
  try {
    await store.rename(part.staged, part.path, part.etag);
    return;
  } catch (cause) {
    // The answer proves nothing: look. The source first, since only its absence is final.
    const source = await store.stat(part.staged);
    const target = await store.stat(part.path);
    if (source === undefined || source.etag !== part.etag) {
      if (target === undefined) log.warn(takenAway(run, part));
      return;
    }
    if (target?.bytes !== part.bytes) throw new Error(cannotPublish(part, target?.bytes), { cause });
    await store.remove(part.staged); // published by a copy whose delete did not come through
  }
}

function takenAway(run: Run, part: Publishing): string {
  return (
    `${part.path} (${part.rows} rows) is neither there nor in staging. If a reader has taken it away, all is well; if ` +
    `someone purged ${run.options.name}/_staging, these rows are missing: set the export back to that window ` +
    '(README, "Set an export back")'
  );
}

function cannotPublish(part: Publishing, found: number | undefined): string {
  return found === undefined
    ? `${part.staged} cannot be renamed to ${part.path}; the next run tries again`
    : `${part.path} is another file (found ${found} bytes, expected ${part.bytes}) and is not overwritten: move it ` +
        `away, and the next run publishes ${part.staged}`;
}
