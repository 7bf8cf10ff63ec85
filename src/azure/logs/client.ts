import { AsyncLocalStorage } from 'node:async_hooks';
import { addAbortSignal, pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { TokenCredential } from '@azure/core-auth';
import {
  createDefaultHttpClient,
  createHttpHeaders,
  type HttpClient,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { LogsQueryClient } from '@azure/monitor-query-logs';
import { isLoopback } from '../../core/loopback.ts';

/** What the service answered. Whoever has one destroys its body. */
export interface Reply {
  readonly status: number;
  readonly headers: PipelineResponse['headers'];
  /** Decompressed. It fails when the connection breaks and when the signal aborts. */
  readonly body: Readable;
  /** As an `Answer` has it. */
  readonly asOfMs: number | undefined;
}

/** A request on its way through the client: how it ended, past the client. */
interface Exchange {
  readonly signal: AbortSignal;
  reply: Reply | undefined;
  /** Why there is no reply. */
  error: Error | undefined;
}

const exchanges = new AsyncLocalStorage<Exchange>();

/** Each piece is a trip to another thread; the SDK decompresses in pieces of 16 kB. */
const PIECE_BYTES = 128 * 1024;
/** What an emulator is shown in place of a token; it never leaves the machine. */
const emulatorCredential: TokenCredential = {
  getToken: async () => ({ token: 'emulator', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
};

/**
 * The SDK's client, which authenticates and sends, for use in `exchange`. It repeats nothing.
 * @param endpoint with the version, `https://api.loganalytics.io/v1`. May be plain http on loopback.
 * @param credential may be left out on loopback.
 */
export function createLogsClient(endpoint: URL, credential: TokenCredential | undefined): LogsQueryClient {
  const isPlain = endpoint.protocol === 'http:';
  if (isPlain && !isLoopback(endpoint))
    throw new Error(`${endpoint.href} is plain http, expected https (http only on loopback)`);
  const known = credential ?? (isLoopback(endpoint) ? emulatorCredential : undefined);
  if (!known) throw new Error(`${endpoint.href} needs a credential: only an emulator on loopback does without`);
  const client = new LogsQueryClient(known, {
    endpoint: endpoint.href.replace(/^http:/, 'https:').replace(/\/+$/, ''),
    credentials: { scopes: [scopeOf(endpoint)] },
    httpClient: createTransport(isPlain),
  });
  client.pipeline.removePolicy({ name: 'defaultRetryPolicy' });
  return client;
}

/** The token's audience follows from the endpoint, so that each cloud needs one setting. */
export function scopeOf(endpoint: URL): string {
  return `${endpoint.origin}/.default`;
}

/**
 * Lets the client send one request, and returns how it ended: what came back, or why nothing did. The client is shown
 * an answer without rows whatever came, so that nothing is thrown through it.
 * @throws the reason of `signal`, or what the client throws before it sends: there is no token.
 */
export async function exchange(send: () => Promise<unknown>, signal: AbortSignal): Promise<Reply | Error> {
  const state: Exchange = { signal, reply: undefined, error: undefined };
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener('abort', onAbort);
  try {
    // A credential need not listen to any signal.
    await Promise.race([exchanges.run(state, send), aborted]);
  } catch (error) {
    // A refusal that the client could not answer with another token is a reply like any other.
    if (signal.aborted || state.reply === undefined) throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  signal.throwIfAborted();
  return state.reply ?? state.error ?? new Error('nothing was sent');
}

/** @param isPlain the SDK sends tokens over https only: it is shown https, and http is sent, past any proxy. */
function createTransport(isPlain: boolean): HttpClient {
  const client = createDefaultHttpClient();
  return {
    async sendRequest(request) {
      const state = exchanges.getStore();
      if (!state) throw new Error('a request to Logs outside of an exchange');
      state.reply?.body.destroy();
      state.reply = undefined;
      // Without the header that it knows, the HTTP client leaves the body as it is.
      request.headers.delete('Accept-Encoding');
      const sentHeaders = { ...request.headers.toJSON({ preserveCase: true }), 'Accept-Encoding': 'gzip' };
      const url = request.url.replace(/^https:/, 'http:');
      const plain = { url, agent: undefined, allowInsecureConnection: true };
      const sentMs = performance.now();
      try {
        const response = await client.sendRequest({
          ...request,
          abortSignal: state.signal,
          requestOverrides: { headers: sentHeaders },
          streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]),
          ...(isPlain && plain),
        });
        const dateMs = Date.parse(response.headers.get('date') ?? '') - (performance.now() - sentMs);
        const asOfMs = Number.isNaN(dateMs) ? undefined : Math.floor(dateMs);
        const { status, headers } = response;
        state.reply = { status, headers, body: bodyOf(response, state.signal), asOfMs };
        // The client's policies may know how to answer a challenge or a redirection.
        if (status === 401 || (status > 300 && status < 400)) return { request, status, headers, bodyAsText: '{}' };
      } catch (error) {
        state.error = error as Error;
      }
      const headers = createHttpHeaders({ 'content-type': 'application/json' });
      return { request, status: 200, headers, bodyAsText: '{"tables":[]}' };
    },
  };
}

/**
 * Frees a piece of a body that nobody reads any more, which the collector would do late. Decompression fills its buffers
 * piece by piece: behind the last of them nobody has the buffer.
 */
export function freePiece({ buffer, byteOffset, byteLength }: Uint8Array): void {
  const isLast = byteOffset + byteLength === PIECE_BYTES && buffer.byteLength === PIECE_BYTES;
  if (isLast && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

function bodyOf(response: PipelineResponse, signal: AbortSignal): Readable {
  const sent = response.readableStreamBody as Readable;
  const isZipped = response.headers.get('Content-Encoding') === 'gzip';
  const body = isZipped ? pipeline(sent, createGunzip({ chunkSize: PIECE_BYTES }), () => undefined) : sent;
  // It may break before anyone listens. Whoever reads it then gets the error all the same.
  body.on('error', () => undefined);
  return addAbortSignal(signal, body);
}
