import { formatCount } from '../human.ts';
import type { Holder } from '../sink.ts';
import { changedEtag, isSpent } from './publish.ts';
import type { Store } from './store.ts';
import type { LakePart } from './watermark.ts';

/** Hands committed parts on, where a lake would publish them. */
export interface Delivery {
  /**
   * Hands on all rows of a staged part, and then removes it. Called again after a crash, or by another run at the same
   * time, it hands on the same bytes; what is known to have been handed on it may leave out.
   * @throws OutOfTimeError when the run must end first; as after any other error, the staged file stays then.
   */
  deliver(store: Store, part: LakePart, holder: Holder): Promise<void>;
  /**
   * Tries what can be tried without handing anything on.
   * @returns what passes.
   * @throws naming what does not, and what to do.
   */
  prove(): Promise<string>;
}

/**
 * Hands a committed part on. The staged file is the token here too: a missing one means that all has been handed on.
 * @throws when it has not; nothing is deleted then.
 */
export async function deliverPart(delivery: Delivery, store: Store, part: LakePart, holder: Holder): Promise<void> {
  const source = await store.stat(part.staged);
  if (isSpent(part, source)) {
    holder.log.warn(
      `${part.path} (${formatCount(part.rows, 'row')}) is no longer in staging: it has been delivered. Only if someone purged the staging ` +
        'folder, these rows are missing',
    );
    return;
  }
  if (source.etag !== part.etag) throw new Error(changedEtag(part, source));
  try {
    await delivery.deliver(store, part, holder);
  } catch (error) {
    // Another run may have been faster, and have removed the file under this one.
    holder.signal?.throwIfAborted();
    if (!isSpent(part, await store.stat(part.staged))) throw error;
  }
}
