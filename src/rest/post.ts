import type { Readable } from 'node:stream';
import {
  createDefaultHttpClient,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  proxyPolicy,
} from '@azure/core-rest-pipeline';
import { beginningOf, oneLine } from '../core/human.ts';
import { isLoopback } from '../core/loopback.ts';
import { retryAfterMs } from '../core/retry.ts';
import type { Authorize } from './authorize.ts';

/** How one attempt ended. */
export interface Attempt {
  /** `undefined`: no answer came. */
  readonly status: number | undefined;
  /** As the answer asks for it. */
  readonly waitMs: number | undefined;
  /** What happened, for people; without anything secret. */
  readonly text: string;
  /** Why there is no answer. */
  readonly cause?: unknown;
}

/** An answer that takes longer counts as none. */
export const TIMEOUT_MS = 60_000;
/** What is read of an answer: its first line is shown. */
const ANSWER_BYTES = 4096;

/**
 * Sends one batch once. No redirection is followed, so that a token goes nowhere else.
 * @param url its path and query string are shown nowhere: they may hold a key.
 */
export function createPost(url: URL, authorize: Authorize) {
  const client = createDefaultHttpClient();
  const pipeline = createEmptyPipeline();
  if (!isLoopback(url)) pipeline.addPolicy(proxyPolicy());
  return async (key: string, body: Uint8Array, signal: AbortSignal): Promise<Attempt> => {
    const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const authorization = await authorize(abortSignal);
    const headers = createHttpHeaders({
      'Content-Type': 'application/x-ndjson',
      'Content-Encoding': 'gzip',
      'Idempotency-Key': `"${key}"`,
      ...(authorization !== undefined && { Authorization: authorization }),
    });
    const request = createPipelineRequest({
      url: url.href,
      method: 'POST',
      headers,
      body,
      abortSignal,
      allowInsecureConnection: isLoopback(url),
      streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]),
    });
    try {
      const { status, headers: answered, readableStreamBody } = await pipeline.sendRequest(client, request);
      // The status is what counts: a batch that was taken is not sent again because the rest of the answer broke.
      const said = await beginningOf(readableStreamBody as Readable, ANSWER_BYTES).catch(() => '');
      const line = firstLine(said, url, authorization);
      const waitMs = retryAfterMs(answered.get('retry-after'), answered.get('date'), Date.now());
      return { status, waitMs, text: `${status}${line === '' ? '' : `: ${line}`}` };
    } catch (error) {
      signal.throwIfAborted();
      return { status: undefined, waitMs: undefined, text: 'no answer', cause: causeOf(error) };
    }
  };
}

/** The SDK's error shows the whole URL. */
function causeOf(error: unknown): Error {
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (name === 'AbortError') return new Error(`none within ${TIMEOUT_MS / 1000} s`);
  return new Error(typeof code === 'string' ? code : 'the connection broke');
}

/** Without what an answer may repeat of what was sent. */
function firstLine(answer: string, url: URL, authorization = ''): string {
  const [line = ''] = answer.trimStart().split(/[\r\n]/, 1);
  const secrets = [url.search, ...url.searchParams.values(), authorization.split(' ').at(-1) ?? '', authorization];
  return oneLine(
    secrets.filter((secret) => secret !== '').reduce((text, secret) => text.replaceAll(secret, '...'), line),
  );
}
