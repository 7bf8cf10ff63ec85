import { Readable } from 'node:stream';
import type { DataLakeFileClient } from '@azure/storage-file-datalake';
import type { Created } from '../../core/lake/store.ts';
import { plain } from './entry.ts';
import { SEGMENT_BYTES, type Segments } from './segments.ts';

export interface AppendOptions {
  /** Of the file while it is empty. */
  readonly etag: string;
  readonly segments: Segments;
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
  { etag, segments, limit, wrap }: AppendOptions,
): Promise<Created> {
  let filled: Buffer[] = [];
  let used = 0;
  let sent = 0;

  async function send(flush: boolean): Promise<string | undefined> {
    const [sending, length] = [filled, used];
    filled = [];
    used = 0;
    let bodies = 0;
    // For each attempt of the SDK.
    const body = () => {
      bodies += 1;
      return Readable.from(piecesOf(sending, length));
    };
    try {
      const answer = await file.append(body, sent, length, { flush, abortSignal: limit() });
      // An attempt that was answered early may still be read from.
      (bodies === 1 ? segments.give : segments.lose)(sending);
      return answer.etag;
    } catch (error) {
      segments.lose(sending);
      throw error;
    } finally {
      sent += length;
    }
  }

  async function fill(chunk: Uint8Array): Promise<void> {
    for (let from = 0; from < chunk.length; ) {
      if (used === filled.length * SEGMENT_BYTES) {
        const segment = segments.take(filled.length);
        if (segment !== undefined) filled.push(segment);
        // A full body waits for the next byte, so that the last one is known and can be flushed in the same request.
        else await send(false).catch((error: unknown) => Promise.reject(wrap(error)));
        continue;
      }
      const taken = Math.min(chunk.length - from, filled.length * SEGMENT_BYTES - used);
      filled.at(-1)?.set(chunk.subarray(from, from + taken), used % SEGMENT_BYTES);
      from += taken;
      used += taken;
    }
  }

  try {
    for await (const chunk of content) await fill(chunk);
    if (used === 0) return { bytes: 0, etag };
    const last = await send(true).catch(look);
    return { bytes: sent, etag: plain(last ?? (await look())) };
  } finally {
    segments.give(filled);
  }

  /**
   * The answer to a flush may leave out the ETag. It may be lost too, and the SDK's second attempt refused, since there
   * is nothing left to append: nobody else writes to this file, so its length tells.
   */
  async function look(error?: unknown): Promise<string | undefined> {
    const found = await file.getProperties({ abortSignal: limit() }).catch((cause: unknown) => {
      throw wrap(error ?? cause);
    });
    if (found.contentLength === sent) return found.etag;
    throw wrap(error ?? new Error(`found ${found.contentLength} bytes, expected ${sent}`));
  }
}

function piecesOf(segments: readonly Buffer[], bytes: number): Buffer[] {
  return segments.map((segment, index) => segment.subarray(0, bytes - index * SEGMENT_BYTES));
}
