import type { Timespan } from './tables.ts';
import { parseDuration, parseTicks } from './ticks.ts';

/** What the body of a request asks. */
export interface Question {
  readonly query: string;
  readonly timespan: string | undefined;
}

/** A request that makes no sense, whatever the tables hold. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
}

/** @throws BadRequest */
export function readQuestion(body: Buffer): Question {
  let parsed: { query?: unknown; timespan?: unknown; workspaces?: unknown };
  try {
    parsed = JSON.parse(body.toString());
  } catch (cause) {
    throw new BadRequest('The request body is not JSON.', { cause });
  }
  const { query, timespan, workspaces } = parsed ?? {};
  if (typeof query !== 'string') throw new BadRequest('The request body has no query.');
  if (Array.isArray(workspaces) && workspaces.length > 0) {
    throw new BadRequest('The local Logs emulator asks one workspace at a time: send no workspaces.');
  }
  return { query, timespan: typeof timespan === 'string' ? timespan : undefined };
}

/**
 * An ISO 8601 interval: `start/end`, `start/duration`, `duration/end`, or a duration that ends now.
 * @throws BadRequest
 */
export function readTimespan(text: string | undefined, nowTicks: bigint): Timespan | undefined {
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
