import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createHttpHeaders,
  isRestError,
  type PipelineRequest,
  type PipelineResponse,
  type SendRequest,
} from '@azure/core-rest-pipeline';
import { OversizeError } from '../../core/logs.ts';
import { type Flight, receiveAnswer } from './answer.ts';
import { statusError } from './error.ts';
import { AnswerError } from './input.ts';
import { bodyOf } from './transport.ts';

export interface RetryOptions {
  /** Attempts per query, the first included. Default 5. */
  readonly attempts: number;
  /** The first wait, when the service names none; it doubles each time, and is cut by up to half at random. Default 2 s. */
  readonly delayMs: number;
}

/** A body that broke this often is too large to come through. */
const MAX_BROKEN_BODIES = 3;

/** Another attempt may succeed; `final` is the error if there is none. */
class TransientError extends Error {
  readonly final: Error;
  readonly waitMs: number | undefined;

  constructor(final: Error, waitMs?: number) {
    super(final.message, { cause: final });
    this.final = final;
    this.waitMs = waitMs;
  }
}

/**
 * Sends a request until its answer has been received, waits between attempts, and hands the client an answer without
 * rows. Statuses 429, 500, 502 and 503 (with `Retry-After` or not), a service that cannot be reached and a broken body
 * are worth another attempt; a time-out is not, a smaller window is.
 */
export async function sendUntilReceived(
  request: PipelineRequest,
  next: SendRequest,
  flight: Flight,
  retry: RetryOptions,
): Promise<PipelineResponse> {
  request.abortSignal = flight.signal;
  for (;;) {
    flight.attempts += 1;
    try {
      return await sendOnce(request, next, flight);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      const doubled = retry.delayMs * 2 ** (flight.attempts - 1);
      const waitMs = error.waitMs ?? doubled * (1 - Math.random() / 2);
      if (flight.attempts >= retry.attempts || performance.now() + waitMs > flight.deadlineMs) throw error.final;
      await sleep(waitMs, undefined, { signal: flight.signal });
      flight.onRetry?.();
    }
  }
}

async function sendOnce(request: PipelineRequest, next: SendRequest, flight: Flight): Promise<PipelineResponse> {
  const sentMs = performance.now();
  const response = await next(request).catch((error: unknown) => {
    if (!isRestError(error)) throw error;
    throw unreachable(error, flight);
  });
  const elapsedMs = performance.now() - sentMs;
  const body = bodyOf(response);
  if (response.status === 200) {
    await receiveWhole(body, flight);
    flight.asOfMs = serverTimeMs(response, elapsedMs);
    return emptyAnswer(request);
  }
  const message = await text(body).catch((error: Error) => {
    throw unreachable(error, flight);
  });
  const error = statusError(response.status, message, flight.workspaceId);
  if (response.status === 401) {
    // The authentication policy may know how to answer a challenge. If it does not, this is the error.
    flight.failure = error;
    return { ...response, readableStreamBody: undefined, bodyAsText: message };
  }
  if (error instanceof OversizeError || ![429, 500, 502, 503].includes(response.status)) throw error;
  throw new TransientError(error, retryAfterMs(response));
}

function unreachable(error: Error, flight: Flight): Error {
  if (flight.signal.aborted) return error;
  return new TransientError(new Error(`cannot reach Logs at ${flight.host}: ${error.message}`, { cause: error }));
}

async function receiveWhole(body: Readable, flight: Flight): Promise<void> {
  const broken = await receiveAnswer(body, flight);
  if (!broken) return;
  flight.brokenBodies += 1;
  const { rows, bytes } = flight.summary;
  const message = `the answer broke ${flight.brokenBodies} times, last after ${rows} rows and ${bytes} bytes: ${broken.message}`;
  // Nothing at all, and no sign of a broken connection: no window is small enough for that.
  const isEmpty = bytes === 0 && broken instanceof AnswerError;
  const final = isEmpty ? new Error(message) : new OversizeError(message, { rows, bytes }, { cause: broken });
  if (flight.brokenBodies === MAX_BROKEN_BODIES) throw final;
  throw new TransientError(final);
}

/** The client insists on reading an answer; it does not matter what it makes of it. */
function emptyAnswer(request: PipelineRequest): PipelineResponse {
  const headers = createHttpHeaders({ 'content-type': 'application/json' });
  return { request, status: 200, headers, bodyAsText: '{"tables":[]}' };
}

function serverTimeMs(response: PipelineResponse, elapsedMs: number): number | undefined {
  const dateMs = Date.parse(response.headers.get('date') ?? '');
  return Number.isNaN(dateMs) ? undefined : Math.floor(dateMs - elapsedMs);
}

/** Seconds, or a date. */
function retryAfterMs(response: PipelineResponse): number | undefined {
  const text = response.headers.get('retry-after');
  if (!text) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
