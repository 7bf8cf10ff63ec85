import type { DataLakeFileClient } from '@azure/storage-file-datalake';

/** One request each. Large enough to be few, small enough for memory and for a slow line within a request's limit. */
const BLOCK_BYTES = 4 * 1024 * 1024;

/** What the service said when the last block was flushed; `etag` is `undefined` for an empty content, or if left out. */
export interface Appended {
  readonly bytes: number;
  readonly etag: string | undefined;
}

/**
 * Appends `content` to an empty file in as few requests as possible, the last of which flushes. An error of `content`
 * is rethrown as it is, one of the service is first handed to `wrap`.
 */
export async function appendContent(
  file: DataLakeFileClient,
  content: AsyncIterable<Uint8Array>,
  options: { readonly limit: () => AbortSignal; readonly wrap: (error: unknown) => Error },
): Promise<Appended> {
  let block = Buffer.alloc(0);
  let used = 0;
  let sent = 0;

  async function send(flush: boolean): Promise<string | undefined> {
    try {
      const answer = await file.append(block.subarray(0, used), sent, used, { flush, abortSignal: options.limit() });
      sent += used;
      used = 0;
      return answer.etag;
    } catch (error) {
      throw options.wrap(error);
    }
  }

  for await (const chunk of content) {
    if (block.length === 0) block = Buffer.allocUnsafe(BLOCK_BYTES);
    for (let from = 0; from < chunk.length; ) {
      // A full block waits for the next byte, so that the last one is known and can be flushed in the same request.
      if (used === BLOCK_BYTES) await send(false);
      const taken = Math.min(chunk.length - from, BLOCK_BYTES - used);
      block.set(chunk.subarray(from, from + taken), used);
      from += taken;
      used += taken;
    }
  }
  const etag = used > 0 ? await send(true) : undefined;
  return { bytes: sent, etag };
}
