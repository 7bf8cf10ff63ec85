import type { Readable } from 'node:stream';
import type { LogsQueryClient } from '@azure/monitor-query-logs';
import { beginningOf, formatCount } from '../../core/human.ts';
import { type Answer, OversizeError, type Query } from '../../core/logs.ts';
import { retryAfterMs } from '../../core/retry.ts';
import { type Batch, type Rows, resume } from '../../core/rows.ts';
import { isResource } from '../../core/source.ts';
import { newSummary, readAnswer, type Summary } from './answer.ts';
import { exchange, freePiece, type Reply, scopeOf } from './client.ts';
import { partialError, statusError, unreachable } from './error.ts';
import { AnswerError } from './input.ts';
import { permissionError } from './permissions.ts';
import { TransientError } from './retry.ts';

/** Where queries are asked, and how. */
export interface Service {
  readonly client: LogsQueryClient;
  readonly endpoint: URL;
  /** How long the body of an answer may be silent. */
  readonly idleMs: number;
}

/** The service's own limit. */
const MAX_SERVER_TIMEOUT_S = 600;
/** So much is read of the body of an error. */
const MAX_ERROR_BYTES = 64 * 1024;
/** With `Retry-After` or without. A time-out is not worth another attempt: a smaller window is. */
const TRANSIENT_STATUSES = [429, 500, 502, 503];

/**
 * Asks once, and gives the rows of the answer to `receive`.
 * @param leftMs how long the service may take.
 * @throws TransientError, SlowError, or what fails the query; what `receive` throws by itself; the reason of `signal`.
 */
export async function attempt<T>(
  service: Service,
  query: Query,
  receive: (rows: Rows) => Promise<T>,
  leftMs: number,
  signal: AbortSignal,
): Promise<Answer<T>> {
  const reply = await send(service, query, leftMs, signal);
  try {
    const pieces = piecesOf(reply.body, service.idleMs);
    const { host } = service.endpoint;
    // A 204 is an answer without rows, and without columns.
    if (reply.status !== 200 && reply.status !== 204) {
      const text = await beginningOf(pieces, MAX_ERROR_BYTES).catch((error: Error) => {
        signal.throwIfAborted();
        throw new TransientError(unreachable(host, error));
      });
      throw refusal(reply, text, query.source);
    }
    const summary = newSummary();
    const read = reply.status === 204 ? noBatches() : readAnswer(pieces, summary);
    const value = await receiveAll(read, summary, receive, query, host, signal);
    const { columns, rows, bytes } = summary;
    return { value, columns, rows, bytes, asOfMs: reply.asOfMs };
  } finally {
    reply.body.destroy();
  }
}

async function send({ client, endpoint }: Service, query: Query, leftMs: number, signal: AbortSignal): Promise<Reply> {
  const timespan = { startTime: new Date(query.timespan.startMs), endTime: new Date(query.timespan.endMs) };
  const serverTimeoutInSeconds = Math.min(Math.ceil(leftMs / 1000), MAX_SERVER_TIMEOUT_S);
  const headers = { 'Cache-Control': 'no-cache' };
  // In the scope of a resource the service leaves out what may not be read, and says so only when it is asked.
  const prefer = { Prefer: `wait=${serverTimeoutInSeconds},include-permissions=true` };
  const ask = () =>
    isResource(query.source)
      ? // The client puts a slash before the id.
        client.queryResource(query.source.slice(1), query.kql, timespan, {
          requestOptions: { headers: { ...headers, ...prefer } },
        })
      : client.queryWorkspace(query.source, query.kql, timespan, {
          serverTimeoutInSeconds,
          requestOptions: { headers },
        });
  const reply = await exchange(ask, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`no token for ${scopeOf(endpoint)}: ${message}`, { cause: error });
  });
  if (reply instanceof Error) throw new TransientError(unreachable(endpoint.host, reply));
  return reply;
}

/** The body, which fails when it is silent for too long. A piece is valid until the next one is asked for. */
async function* piecesOf(body: Readable, idleMs: number): AsyncGenerator<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  for (;;) {
    const timer = setTimeout(() => body.destroy(new Error(`nothing came for ${idleMs} ms`)), idleMs);
    const next = await pieces.next().finally(() => clearTimeout(timer));
    if (next.done) return;
    yield next.value;
    freePiece(next.value);
  }
}

function refusal({ status, headers }: Reply, text: string, source: string): Error {
  const error = statusError(status, text, source);
  if (error instanceof OversizeError || !TRANSIENT_STATUSES.includes(status)) return error;
  const waitMs = retryAfterMs(headers.get('retry-after'), headers.get('date'), Date.now());
  return new TransientError(error, { waitMs });
}

async function* noBatches(): AsyncGenerator<Batch> {}

/** What is wrong with the answer comes out of its batches, and is what counts whatever `receive` makes of it. */
async function receiveAll<T>(
  read: AsyncIterable<Batch>,
  summary: Summary,
  receive: (rows: Rows) => Promise<T>,
  query: Query,
  host: string,
  signal: AbortSignal,
): Promise<T> {
  const reading: { failure?: { error: unknown }; isWhole?: true } = {};
  async function* checked(): AsyncGenerator<Batch> {
    try {
      yield* read;
    } catch (error) {
      reading.failure = { error: signal.aborted ? signal.reason : explained(error as Error, summary, host) };
      throw reading.failure.error;
    }
    const error = partialError(summary) ?? permissionError(summary.permissions, query.kql, query.source);
    if (error) reading.failure = { error };
    if (error) throw error;
    reading.isWhole = true;
  }
  const batches = checked();
  // With it the columns are known.
  const first = await batches.next();
  const value = await receive({ columns: summary.columns, batches: resume(first, batches) }).catch((error: unknown) => {
    throw reading.failure ? reading.failure.error : error;
  });
  if (reading.failure) throw reading.failure.error;
  if (!reading.isWhole) throw new Error('the rows of an answer were not read to their end');
  return value;
}

function explained(error: NodeJS.ErrnoException, { rows, bytes }: Summary, host: string): Error {
  const isAnswer = error instanceof AnswerError;
  if (isAnswer && !error.cut) return new Error(`Logs at ${host}: ${error.message}`, { cause: error });
  const isEmpty = bytes === 0 && (isAnswer || error.code?.startsWith('Z_'));
  const message = `after ${formatCount(rows, 'row')} and ${formatCount(bytes, 'byte')}: ${error.message}`;
  return new TransientError(new Error(message, { cause: error }), { broken: isEmpty ? 'empty' : 'cut' });
}
