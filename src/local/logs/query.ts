import { answerBody, answerSql } from './answer.ts';
import { type Cache, kept } from './cache.ts';
import type { Gate, Limits } from './gate.ts';
import type { Frame } from './kql/frame.ts';
import { KqlError } from './kusto.ts';
import { BadRequest, readQuestion, readTimespan } from './question.ts';
import { failure, type Received, type Reply, whole } from './server.ts';
import type { Target } from './target.ts';

/** What became of the requests so far. */
export interface Counters {
  /** Queries that the engine ran. */
  queries: number;
  /** Answers that came from the cache. */
  cached: number;
  /** Requests that got 429. */
  throttled: number;
}

/** What all queries share, of whatever workspace: the limits are of one identity. */
export interface Shared {
  readonly limits: Limits;
  readonly gate: Gate;
  readonly cache: Cache;
  readonly counters: Counters;
}

/** Answers `POST .../query` with a token. */
export async function replyToQuery(target: Target, request: Received, shared: Shared): Promise<Reply> {
  const { limits, gate, cache, counters } = shared;
  const { workspace, scope } = target;
  const { headers } = request;
  const retryAfter = gate.admit();
  if (retryAfter > 0) return throttled(retryAfter, 'Too many requests.', counters);
  try {
    const question = readQuestion(request.body);
    const preferred = String(headers.prefer);
    const more = /\binclude-permissions=true\b/.test(preferred) ? target.permissions : {};
    const key = JSON.stringify([request.path, question, more]);
    const repeat = headers['cache-control']?.includes('no-cache') !== true;
    const cached = repeat ? cache.get(key, workspace.now() - limits.cacheMs) : undefined;
    if (cached !== undefined) {
      counters.cached++;
      return { status: 200, body: whole(cached) };
    }
    const nowTicks = workspace.nowTicks();
    const timespan = readTimespan(question.timespan, nowTicks);
    const frame = workspace.plan(question.query, { timespan, scope, nowTicks });
    const leave = await gate.enter(request.signal);
    if (leave === undefined) return throttled(1, 'Too many queries at once.', counters);
    counters.queries++;
    const waitMs = Number(/wait=(\d+)/.exec(preferred)?.[1] ?? 180) * 1000;
    const timeoutMs = Math.min(waitMs, limits.queryMs);
    return await run({ frame, key, more, timeoutMs, signal: request.signal }, target, leave, shared);
  } catch (error) {
    if (error instanceof KqlError) return badQuery(error.kind, error.message, error.start);
    if (error instanceof BadRequest) return failure(400, 'BadArgumentError', error.message);
    throw error;
  }
}

interface Admitted {
  readonly frame: Frame;
  /** For the cache. */
  readonly key: string;
  /** Properties of the answer beside the tables. */
  readonly more: object;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Starts a query and waits for its first rows. */
async function run(
  { frame, key, more, timeoutMs, signal }: Admitted,
  { workspace }: Target,
  leave: () => void,
  { limits, cache }: Shared,
): Promise<Reply> {
  const startedMs = workspace.now();
  const cursor = await workspace.database.open(answerSql(frame)).catch((error: unknown) => {
    leave();
    throw error;
  });
  const close = (): void => {
    cursor.close();
    leave();
  };
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    cursor.close();
  }, timeoutMs);
  signal.addEventListener('abort', cursor.close);
  try {
    const first = await cursor.next();
    const body = kept(answerBody(frame, first, cursor, limits, more), (answer) => cache.set(key, answer, startedMs));
    return { status: 200, body, close };
  } catch (error) {
    close();
    if (timedOut) return failure(504, 'GatewayTimeout', 'The query did not answer in time.');
    return badQuery('SemanticError', `The engine failed: ${error instanceof Error ? error.message : error}`, 0);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cursor.close);
  }
}

function throttled(seconds: number, message: string, counters: Counters): Reply {
  counters.throttled++;
  return { ...failure(429, 'ThrottledError', message), headers: { 'Retry-After': String(seconds) } };
}

function badQuery(kind: 'SyntaxError' | 'SemanticError', message: string, position: number): Reply {
  const syntax = kind === 'SyntaxError';
  return failure(400, 'BadArgumentError', 'The request had some invalid properties', {
    code: kind,
    message: syntax ? 'A recognition error occurred in the query.' : 'A semantic error occurred.',
    innererror: { code: syntax ? 'SYN0002' : 'SEM0100', message, position },
  });
}
