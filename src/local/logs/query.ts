import { answerBody, answerSql } from './answer.ts';
import type { Frame } from './frame.ts';
import type { Gate, Limits } from './gate.ts';
import { KqlError } from './kusto.ts';
import { failure, type Received, type Reply, whole } from './server.ts';
import { parseDuration, parseTicks } from './ticks.ts';
import type { Timespan } from './translate.ts';
import type { Workspace } from './workspace.ts';

/** What became of the requests so far. */
export interface Counters {
  /** Queries that the engine ran. */
  queries: number;
  /** Answers that came from the cache. */
  cached: number;
  /** Requests that got 429. */
  throttled: number;
}

export interface QueryContext {
  readonly workspace: Workspace;
  readonly limits: Limits;
  readonly gate: Gate;
  readonly cache: Cache;
  readonly counters: Counters;
}

interface Question {
  readonly query: string;
  readonly timespan: string | undefined;
}

/** Answers `POST /v1/workspaces/{id}/query`. */
export async function replyToQuery(workspaceId: string, request: Received, context: QueryContext): Promise<Reply> {
  const { workspace, limits, gate, cache, counters } = context;
  const { headers } = request;
  if (headers.authorization === undefined) {
    return failure(401, 'AuthorizationRequiredError', 'Valid authentication was not provided.');
  }
  if (workspaceId !== workspace.workspaceId) {
    return failure(404, 'PathNotFoundError', 'The requested path does not exist.');
  }
  const retryAfter = gate.admit();
  if (retryAfter > 0) return throttled(retryAfter, 'Too many requests.', counters);
  try {
    const question = readQuestion(request.body);
    const key = JSON.stringify(question);
    const repeat = headers['cache-control']?.includes('no-cache') !== true;
    const cached = repeat ? cache.get(key, workspace.now() - limits.cacheMs) : undefined;
    if (cached !== undefined) {
      counters.cached++;
      return { status: 200, body: whole(cached) };
    }
    const frame = workspace.plan(question.query, readTimespan(question.timespan, workspace.nowTicks()));
    const leave = await gate.enter(request.signal);
    if (leave === undefined) return throttled(1, 'Too many queries at once.', counters);
    counters.queries++;
    const waitMs = Number(/wait=(\d+)/.exec(String(headers.prefer))?.[1] ?? 180) * 1000;
    return await run(frame, key, Math.min(waitMs, limits.queryMs), leave, context, request.signal);
  } catch (error) {
    if (error instanceof KqlError) return badQuery(error.kind, error.message, error.start);
    if (error instanceof BadRequest) return failure(400, 'BadArgumentError', error.message);
    throw error;
  }
}

/** Starts a query and waits for its first rows. */
async function run(
  frame: Frame,
  key: string,
  timeoutMs: number,
  leave: () => void,
  { workspace, limits, cache }: QueryContext,
  signal: AbortSignal,
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
    const body = kept(answerBody(frame, first, cursor, limits), (answer) => cache.set(key, answer, startedMs));
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

/** Passes a body on, and keeps the whole for the cache if it is small. */
async function* kept(body: AsyncGenerator<Buffer>, keep: (whole: Buffer) => void): AsyncGenerator<Buffer> {
  let pieces: Buffer[] | undefined = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > MAX_CACHED_BYTES) pieces = undefined;
    pieces?.push(piece);
    yield piece;
  }
  if (pieces !== undefined) keep(Buffer.concat(pieces));
}

/** Answers by question, for as long as the service repeats them. */
export interface Cache {
  get(key: string, notBeforeMs: number): Buffer | undefined;
  set(key: string, body: Buffer, atMs: number): void;
}

const MAX_CACHED_BYTES = 1_000_000;
const MAX_CACHED_ANSWERS = 32;

export function createCache(): Cache {
  const answers = new Map<string, { readonly body: Buffer; readonly atMs: number }>();
  return {
    get: (key, notBeforeMs) => {
      const answer = answers.get(key);
      return answer !== undefined && answer.atMs > notBeforeMs ? answer.body : undefined;
    },
    set: (key, body, atMs) => {
      answers.delete(key);
      answers.set(key, { body, atMs });
      const oldest = answers.keys().next().value;
      if (answers.size > MAX_CACHED_ANSWERS && oldest !== undefined) answers.delete(oldest);
    },
  };
}

class BadRequest extends Error {
  override readonly name = 'BadRequest';
}

function readQuestion(body: Buffer): Question {
  let parsed: { query?: unknown; timespan?: unknown; workspaces?: unknown };
  try {
    parsed = JSON.parse(body.toString());
  } catch (cause) {
    throw new BadRequest('The request body is not JSON.', { cause });
  }
  const { query, timespan, workspaces } = parsed ?? {};
  if (typeof query !== 'string') throw new BadRequest('The request body has no query.');
  if (Array.isArray(workspaces) && workspaces.length > 0) {
    throw new BadRequest('The local Logs emulator has one workspace: send no workspaces.');
  }
  return { query, timespan: typeof timespan === 'string' ? timespan : undefined };
}

/** An ISO 8601 interval: `start/end`, `start/duration`, `duration/end`, or a duration that ends now. */
function readTimespan(text: string | undefined, nowTicks: bigint): Timespan | undefined {
  if (text === undefined || text === '') return undefined;
  const [first = '', second] = text.split('/');
  const [from, to] = [parseTicks(first), parseTicks(second ?? '')];
  const length = parseDuration(from === undefined ? first : (second ?? ''));
  const end = to ?? (from !== undefined && length !== undefined ? from + length : nowTicks);
  const start = from ?? (length === undefined ? undefined : end - length);
  if (start === undefined || (from !== undefined && to === undefined && length === undefined)) {
    throw new BadRequest(`The timespan '${text}' is not an ISO 8601 interval or duration.`);
  }
  return { start, end };
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
