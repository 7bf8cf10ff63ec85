import type { DataLakeFileClient } from '@azure/storage-file-datalake';
import type { Created } from '../../core/lake/store.ts';
import { plain } from './entry.ts';

/** One request each. Large enough to be few, small enough for memory and for a slow line within a request's limit. */
const BLOCK_BYTES = 4 * 1024 * 1024;

export interface AppendOptions {
  /** Of the file while it is empty. */
  readonly etag: string;
  readonly limit: () => AbortSignal;
  readonly wrap: (error: unknown) => Error;
}

/**
 * Appends `content` to an empty file of our own in as few requests as possible, the last of which flushes. An error of
 * `content` is rethrown as it is, one of the service is first handed to `wrap`.
 */
export async function appendContent(
  file: DataLakeFileClient,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { etag, limit, wrap }: AppendOptions,
): Promise<Created> {
  let block = Buffer.alloc(0);
  let used = 0;
  let sent = 0;

  async function send(flush: boolean): Promise<string | undefined> {
    const answer = await file.append(block.subarray(0, used), sent, used, { flush, abortSignal: limit() });
    sent += used;
    used = 0;
    return answer.etag;
  }

  for await (const chunk of content) {
    if (block.length === 0) block = Buffer.allocUnsafe(BLOCK_BYTES);
    for (let from = 0; from < chunk.length; ) {
      // A full block waits for the next byte, so that the last one is known and can be flushed in the same request.
      if (used === BLOCK_BYTES) {
        await send(false).catch((error: unknown) => {
          throw wrap(error);
        });
      }
      const taken = Math.min(chunk.length - from, BLOCK_BYTES - used);
      block.set(chunk.subarray(from, from + taken), used);
      from += taken;
      used += taken;
    }
  }
  if (used === 0) return { bytes: 0, etag };
  const bytes = sent + used;
  return { bytes, etag: plain((await send(true).catch(look)) ?? (await look())) };

  /**
   * The answer to a flush may leave out the ETag. It may be lost too, and the SDK's second attempt refused, since there
   * is nothing left to append: nobody else writes to this file, so its length tells.
   */
  async function look(error?: unknown): Promise<string | undefined> {
    const found = await file.getProperties({ abortSignal: limit() }).catch((cause: unknown) => {
      throw wrap(error ?? cause);
    });
    if (found.contentLength === bytes) return found.etag;
    throw wrap(error ?? new Error(`found ${found.contentLength} bytes, expected ${bytes}`));
  }
}
