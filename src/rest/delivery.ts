import { decompress } from '../core/formats/compress.ts';
import type { Delivery } from '../core/lake/delivery.ts';
import { type Access, createAuthorize } from './authorize.ts';
import { cutBatches, halve } from './batches.ts';
import { partKey } from './key.ts';
import { createPost, TIMEOUT_MS } from './post.ts';
import { openProgress, type Progress } from './progress.ts';
import { sendBatch } from './send.ts';

export interface RestOptions extends Access {
  readonly url: URL;
  /** The first wait after an answer that names none. Default 1 s. */
  readonly delayMs?: number;
}

/**
 * Of a batch before it is compressed: Azure's own ingestion takes 1 MB, and counts it before and after. Another number
 * would give the keys other lines, and skip rows of a part that was begun with this one.
 */
const BATCH_BYTES = 1_000_000;

/**
 * Posts the lines of staged parts in batches. What a batch holds and its key follow from the staged file alone, so that a
 * receiver which remembers keys takes each row once, although a batch may come again.
 */
export function createDelivery({ url, delayMs = 1_000, ...access }: RestOptions): Delivery {
  const authorize = createAuthorize(access);
  const place = `REST_URL (${url.origin})`;
  const sender = { post: createPost(url, authorize), delayMs, place };
  return {
    async deliver(store, part, holder) {
      if (!/\.jsonl(?:\.gz|\.zst)?$/.test(part.path)) {
        throw new Error(
          `${part.path} was staged in a format that cannot be posted: let one run without REST_URL publish it`,
        );
      }
      const progress = await openProgress(store, part, holder);
      // Last: whoever opens it has to read it.
      const content = await store.readStream(part.staged);
      if (content === undefined) throw new Error(`${part.staged} is gone`);
      const send = (id: string, batch: Buffer) => sendBatch(sender, `${partKey(part.path)}/${id}`, batch, holder);
      try {
        let batches = 0;
        for await (const batch of cutBatches(decompress(part.path, content), BATCH_BYTES)) {
          batches += 1;
          await sendInPieces(send, `${batches}`, batch, progress);
        }
        await store.remove(part.staged);
      } catch (error) {
        await progress.keep();
        throw error;
      }
      await progress.remove();
    },
    async prove() {
      await authorize(AbortSignal.timeout(TIMEOUT_MS));
      return `${place} is not asked before there are rows`;
    },
  };
}

/** Sends what has not been taken, and halves a batch for as long as it is too large: `3` becomes `3.1` and `3.2`. */
async function sendInPieces(
  send: (id: string, batch: Buffer) => Promise<boolean>,
  id: string,
  batch: Buffer,
  progress: Progress,
): Promise<void> {
  if (progress.isTaken(id)) return;
  if (!progress.isHalved(id) && (await send(id, batch))) return progress.take(id);
  const halves = halve(batch);
  if (halves === undefined) {
    throw new Error(
      `REST_URL takes no line of ${batch.length} bytes (413), and nothing is left out: raise what the receiver takes, or ` +
        'have the query drop the column',
    );
  }
  await progress.halve(id);
  for (const [index, half] of halves.entries()) await sendInPieces(send, `${id}.${index + 1}`, half, progress);
}
