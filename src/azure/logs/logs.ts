import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/core-auth';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { LogsQueryClient } from '@azure/monitor-query-logs';
import { type Answer, type Logs, OversizeError, type Query } from '../../core/logs.ts';
import type { Flight } from './answer.ts';
import { type RetryOptions, sendUntilReceived } from './attempts.ts';
import { createLogsClient, scopeOf } from './client.ts';
import { newSummary } from './encode.ts';
import { createGate } from './gate.ts';

export interface LogsOptions {
  /** With the version, `https://api.loganalytics.io/v1`. On loopback it may be plain http. */
  readonly endpoint: URL;
  /** The Workspace ID, a GUID. */
  readonly workspaceId: string;
  /** May be `undefined` on loopback: an emulator needs none. */
  readonly credential: TokenCredential | undefined;
  /** Queries of this process under way at once; the others wait in line. Default 5, the service's limit for an identity. */
  readonly queriesAtOnce?: number;
  readonly retry?: RetryOptions;
}

/** Tells the requests of several queries apart, on the way through the client as well as in the service's own log. */
const QUERY_ID_HEADER = 'x-ms-client-request-id';
/** The service's own limit. */
const MAX_SERVER_TIMEOUT_S = 600;

/** Azure Monitor Logs through the SDK's client, which authenticates and sends; rows never pass through its hands. */
export function createLogs(options: LogsOptions): Logs {
  const retry = options.retry ?? { attempts: 5, delayMs: 2000 };
  const gate = createGate(options.queriesAtOnce ?? 5);
  const flights = new Map<string, Flight>();
  const attempts: PipelinePolicy = {
    name: 'attempts',
    async sendRequest(request, next) {
      const flight = flights.get(request.headers.get(QUERY_ID_HEADER) ?? '');
      // A query that was given up while it waited for a token.
      if (!flight) throw new Error('the query has ended');
      try {
        return await sendUntilReceived(request, next, flight, retry);
      } catch (error) {
        flight.failure = error;
        // The policies around this one would take an error of the store's SDK for an answer of Logs.
        throw new Error('the query failed', { cause: error });
      }
    },
  };
  const client = createLogsClient(options.endpoint, options.credential, attempts);

  /** Waiting in line counts against the query's time, but says nothing about its window. */
  async function query(query: Query, receive: Flight['receive']): Promise<Answer> {
    const deadlineMs = performance.now() + query.timeoutMs;
    const late = AbortSignal.timeout(Math.ceil(query.timeoutMs));
    try {
      return await gate(AbortSignal.any([query.signal, late]), () =>
        queryNow({ ...query, timeoutMs: Math.max(1, deadlineMs - performance.now()) }, receive),
      );
    } catch (error) {
      if (!late.aborted || error !== late.reason) throw error;
      throw new Error(
        `the query waited ${Math.round(query.timeoutMs)} ms for the other exports of this process (EXPORT_QUERIES at once). ` +
          'Nothing is lost, the next run goes on; fewer exports per process help.',
        { cause: error },
      );
    }
  }

  async function queryNow(query: Query, receive: Flight['receive']): Promise<Answer> {
    query.signal.throwIfAborted();
    const stop = new AbortController();
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    const flight = newFlight(options, query, receive, stop.signal);
    const giveUp = (reason: unknown) => {
      stop.abort(reason);
      // What receives rows gets the reason with the next ones, and is waited for: it has to clean up first.
      if (!flight.isReceiving) reject(reason);
    };
    const onAbort = () => giveUp(query.signal.reason);
    query.signal.addEventListener('abort', onAbort);
    const timer = setTimeout(() => giveUp(new Error('timeout')), query.timeoutMs);
    const id = randomUUID();
    flights.set(id, flight);
    try {
      await Promise.race([send(client, options.workspaceId, query, id), stopped]);
    } catch (error) {
      query.signal.throwIfAborted();
      throw failureOf(flight, query, error, options.endpoint);
    } finally {
      flights.delete(id);
      clearTimeout(timer);
      query.signal.removeEventListener('abort', onAbort);
    }
    const { columns, rows, bytes } = flight.summary;
    return { columns, rows, bytes, asOfMs: flight.asOfMs };
  }
  return { query };
}

function newFlight(options: LogsOptions, query: Query, receive: Flight['receive'], signal: AbortSignal): Flight {
  return {
    receive,
    signal,
    onRetry: query.onRetry,
    deadlineMs: performance.now() + query.timeoutMs,
    host: options.endpoint.host,
    workspaceId: options.workspaceId,
    attempts: 0,
    brokenBodies: 0,
    summary: newSummary(),
    asOfMs: undefined,
    isReceiving: false,
    thrown: undefined,
    failure: undefined,
  };
}

async function send(client: LogsQueryClient, workspaceId: string, query: Query, id: string): Promise<void> {
  const { timespan, timeoutMs } = query;
  await client.queryWorkspace(
    workspaceId,
    query.kql,
    { startTime: new Date(timespan.startMs), endTime: new Date(timespan.endMs) },
    {
      serverTimeoutInSeconds: Math.min(Math.ceil(timeoutMs / 1000), MAX_SERVER_TIMEOUT_S),
      requestOptions: { headers: { [QUERY_ID_HEADER]: id, 'Cache-Control': 'no-cache' } },
    },
  );
}

/** The error of a query that was not aborted by its own signal. */
function failureOf(flight: Flight, query: Query, error: unknown, endpoint: URL): unknown {
  if (flight.thrown) return flight.thrown.error;
  if (flight.signal.aborted) {
    return new OversizeError(
      `the query took longer than ${query.timeoutMs} ms (attempt ${flight.attempts})`,
      flight.summary,
    );
  }
  if (flight.failure !== undefined) return flight.failure;
  const message = error instanceof Error ? error.message : String(error);
  return new Error(`no token for ${scopeOf(endpoint)}: ${message}`, { cause: error });
}
