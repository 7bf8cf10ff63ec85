import { formatCount } from '../human.ts';
import type { Log } from '../log.ts';
import type { Found, Store } from './store.ts';
import type { LakePart } from './watermark.ts';

/**
 * Makes a committed part visible. The staged file is the token: a missing one means that the part has been published, by
 * this run or another.
 * @throws when the part is neither published nor can be; nothing is deleted then.
 */
export async function publishPart(store: Store, part: LakePart, log: Log): Promise<void> {
  try {
    await store.rename(part.staged, part.path, part.etag);
    return;
  } catch (cause) {
    // The answer proves nothing: look. The source first, since only its absence is final.
    const source = await store.stat(part.staged);
    const target = await store.stat(part.path);
    if (isSpent(part, source)) {
      if (target === undefined) log.warn(takenAway(part));
      return;
    }
    if (target?.bytes !== part.bytes) throw new Error(cannotPublish(part, source, target), { cause });
    await store.remove(part.staged); // published by a copy whose delete did not come through
  }
}

/** Whether nothing is left of a staged file: a late duplicate of its create leaves an empty one. */
export function isSpent(part: LakePart, source: Found | undefined): source is undefined {
  return source === undefined || (source.etag !== part.etag && source.bytes === 0);
}

function takenAway({ path, rows }: LakePart): string {
  return (
    `${path} (${formatCount(rows, 'row')}) is neither there nor in staging. If a reader has taken it away, all is well; if someone purged ` +
    'the staging folder, these rows are missing: export that window again (docs/complete.md, "Export a range again")'
  );
}

function cannotPublish(part: LakePart, source: Found, target: Found | undefined): string {
  if (target !== undefined) {
    return (
      `${part.path} is another file (found ${target.bytes} bytes, expected ${part.bytes}) and is not overwritten: move it ` +
      `away, and the next run publishes ${part.staged}`
    );
  }
  if (source.etag === part.etag) return `${part.staged} cannot be renamed to ${part.path}; the next run tries again`;
  return changedEtag(part, source);
}

export function changedEtag(part: LakePart, source: Found): string {
  return (
    `${part.staged} has another ETag (found ${source.etag}, expected ${part.etag}), as after a copy of the sink or a change ` +
    `of its metadata, and is not published. If it is the file of ${part.bytes} bytes that was committed, write ` +
    `"etag": "${source.etag}" into "publishing" of the watermark, and the next run publishes it`
  );
}
