import type { TokenCredential } from '@azure/core-auth';
import { type Answer, type Logs, OversizeError, type Query } from '../../core/logs.ts';
import { type Rows, readAll } from '../../core/rows.ts';
import { attempt, type Service } from './attempt.ts';
import { createLogsClient } from './client.ts';
import { SlowError } from './error.ts';
import { createGate } from './gate.ts';
import { type RetryOptions, repeat, TransientError } from './retry.ts';

export interface LogsOptions {
  /** With the version, `https://api.loganalytics.io/v1`. On loopback it may be plain http. */
  readonly endpoint: URL;
  /** May be `undefined` on loopback: an emulator needs none. */
  readonly credential: TokenCredential | undefined;
  /** Queries under way at once, over all workspaces; the others wait in line. Default 5, the limit for an identity. */
  readonly queriesAtOnce?: number;
  readonly retry?: RetryOptions;
  /** How long the body of an answer may be silent before the attempt counts as broken. Default 60 s. */
  readonly idleMs?: number;
}

/** Needs no table: an answer shows that Logs is there. */
const PROBE = 'print 1';
const MAX_PROBE_MS = 10_000;
const NOTHING_LOST = 'Nothing is lost, the next run goes on.';

/** Azure Monitor Logs through the SDK's client, which authenticates and sends; rows never pass through its hands. */
export function createLogs({ endpoint, credential, ...options }: LogsOptions): Logs {
  const retry = options.retry ?? { attempts: 5, delayMs: 2000 };
  const gate = createGate(options.queriesAtOnce ?? 5);
  const client = createLogsClient(endpoint, credential);
  const service: Service = { client, endpoint, idleMs: options.idleMs ?? 60_000 };

  async function query<T>(query: Query, receive: (rows: Rows) => Promise<T>): Promise<Answer<T>> {
    const deadlineMs = performance.now() + query.timeoutMs;
    const late = AbortSignal.timeout(Math.ceil(query.timeoutMs));
    const signal = AbortSignal.any([query.signal, late]);
    let leftMs = 0;
    const once = () => {
      leftMs = Math.max(1, deadlineMs - performance.now());
      return attempt(service, query, receive, leftMs, signal);
    };
    try {
      return await gate(signal, query.isAhead ?? false, () =>
        repeat(once, retry, deadlineMs, signal, query.onRetry).catch(async (error: unknown) => {
          query.signal.throwIfAborted();
          const isLate = late.aborted && error === late.reason;
          const slow = isLate ? new SlowError(`the query took longer than ${Math.round(query.timeoutMs)} ms`) : error;
          throw slow instanceof SlowError ? await judge(slow, query, leftMs) : error;
        }),
      );
    } catch (error) {
      if (!late.aborted || error !== late.reason) throw error;
      const ms = Math.round(query.timeoutMs);
      throw outOfTime(`the query waited ${ms} ms for the other exports of this process`, error);
    }
  }

  /** What a query that took too long amounts to: an OversizeError only if its window is to blame. */
  async function judge(slow: SlowError, query: Query, leftMs: number): Promise<Error> {
    if (leftMs < query.timeoutMs / 2) {
      const what = `${slow.message}; it had only ${Math.round(leftMs)} ms left after earlier attempts and the line`;
      return outOfTime(what, slow);
    }
    const probeMs = Math.min(MAX_PROBE_MS, service.idleMs);
    const signal = AbortSignal.any([query.signal, AbortSignal.timeout(probeMs)]);
    try {
      await attempt(service, { ...query, kql: PROBE }, readAll, probeMs, signal);
    } catch (error) {
      query.signal.throwIfAborted();
      // A refusal is an answer too.
      if (signal.aborted || error instanceof TransientError || error instanceof SlowError) {
        const reason = error instanceof Error ? error.message : String(error);
        return new Error(`${slow.message}; and Logs does not answer "${PROBE}" either: ${reason}. ${NOTHING_LOST}`, {
          cause: slow,
        });
      }
    }
    return new OversizeError(slow.message, { rows: 0, bytes: 0 }, { cause: slow });
  }
  return { query };
}

/** The query's time went elsewhere, which says nothing about its window. */
function outOfTime(what: string, cause: unknown): Error {
  return new Error(`${what} (EXPORT_QUERIES at once). ${NOTHING_LOST} Fewer exports per process help.`, { cause });
}
