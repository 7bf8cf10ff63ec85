import type { Readable } from 'node:stream';
import {
  createDefaultHttpClient,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  type PipelineResponse,
  proxyPolicy,
} from '@azure/core-rest-pipeline';
import { oneLine } from '../core/human.ts';
import { isLoopback } from '../core/loopback.ts';
import { retryAfterMs } from './retry.ts';

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
 * @param authorize as in `createAuthorize`.
 */
export function createPost(url: URL, authorize: () => Promise<string | undefined>) {
  const client = createDefaultHttpClient();
  const pipeline = createEmptyPipeline();
  if (!isLoopback(url)) pipeline.addPolicy(proxyPolicy());
  return async (key: string, body: Uint8Array, signal: AbortSignal): Promise<Attempt> => {
    const authorization = await authorize();
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
      abortSignal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      allowInsecureConnection: isLoopback(url),
      streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]),
    });
    try {
      const response = await pipeline.sendRequest(client, request);
      // The status is what counts: a batch that was taken is not sent again because the rest of the answer broke.
      const line = withoutSecrets(await firstLine(response).catch(() => ''), url, authorization);
      const { status } = response;
      const waitMs = retryAfterMs(response.headers.get('retry-after'), response.headers.get('date'), Date.now());
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

async function firstLine({ readableStreamBody }: PipelineResponse): Promise<string> {
  const body = readableStreamBody as Readable | undefined;
  if (body === undefined) return '';
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Whoever leaves the loop early closes the connection.
  for await (const chunk of body) {
    chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES) break;
  }
  return (
    Buffer.concat(chunks)
      .subarray(0, ANSWER_BYTES)
      .toString('utf8')
      .trimStart()
      .split(/[\r\n]/, 1)[0] ?? ''
  );
}

/** An answer may repeat what was sent. */
function withoutSecrets(line: string, url: URL, authorization: string | undefined): string {
  const credentials = authorization?.split(' ') ?? [];
  const secrets = [url.search, ...url.searchParams.values(), ...credentials.slice(-1), authorization];
  const shown = secrets
    .filter((secret) => secret !== undefined && secret !== '')
    .reduce((text: string, secret) => text.replaceAll(String(secret), '...'), line);
  return oneLine(shown);
}
