import type { Readable } from 'node:stream';
import type { Query } from '../../core/logs.ts';
import { encode, newSummary, type Summary } from './encode.ts';
import { partialError } from './error.ts';
import { AnswerError } from './input.ts';

/** One query on its way, over all its attempts. */
export interface Flight {
  readonly receive: (lines: AsyncIterable<Uint8Array>) => Promise<void>;
  /** Aborted by the query's own signal and by its time-out. */
  readonly signal: AbortSignal;
  readonly onRetry: Query['onRetry'];
  /** On the monotonic clock. */
  readonly deadlineMs: number;
  readonly host: string;
  readonly workspaceId: string;
  attempts: number;
  brokenBodies: number;
  /** Of the last answer. */
  summary: Summary;
  asOfMs: number | undefined;
  /** While `receive` runs. */
  isReceiving: boolean;
  /** What `receive` threw by itself. */
  thrown: { readonly error: unknown } | undefined;
  /** Why the query failed otherwise. */
  failure: unknown;
}

/** How far the lines of one answer got. `refused`: by what the answer itself says; `broken`: in transit. */
interface Reading {
  state: 'unfinished' | 'whole' | 'refused' | 'broken';
  error: unknown;
}

/**
 * Streams the body of an answer through the encoder into `flight.receive`.
 * @returns why the body broke in transit; `undefined` when it came whole.
 * @throws what the answer itself says is wrong, or what `receive` threw.
 */
export async function receiveAnswer(body: Readable, flight: Flight): Promise<Error | undefined> {
  // The body may break before anyone listens. Whoever reads it then gets the error all the same.
  body.on('error', () => undefined);
  const reading: Reading = { state: 'unfinished', error: undefined };
  flight.summary = newSummary();
  flight.isReceiving = !flight.signal.aborted;
  try {
    flight.signal.throwIfAborted();
    await flight.receive(readLines(body, flight, reading));
    if (reading.state === 'unfinished') throw new Error('the lines of an answer were not read to their end');
  } catch (error) {
    if (reading.state === 'unfinished' || reading.state === 'whole') {
      if (flight.isReceiving) flight.thrown = { error };
      throw error;
    }
  } finally {
    flight.isReceiving = false;
    body.destroy();
  }
  if (reading.state === 'refused') throw reading.error;
  return reading.state === 'broken' ? (reading.error as Error) : undefined;
}

/** The lines of the answer. Throws behind the last one when they are not all that there are. */
async function* readLines(body: Readable, flight: Flight, reading: Reading): AsyncGenerator<Uint8Array> {
  try {
    yield* encode(body, flight.summary);
  } catch (error) {
    const isMalformed = error instanceof AnswerError && !error.cut;
    reading.state = isMalformed || flight.signal.aborted ? 'refused' : 'broken';
    reading.error = error;
    if (isMalformed) reading.error = new Error(`Logs at ${flight.host}: ${error.message}`, { cause: error });
    if (flight.signal.aborted) reading.error = flight.signal.reason;
    throw reading.error;
  }
  const error = partialError(flight.summary.error, flight.summary);
  reading.state = error ? 'refused' : 'whole';
  reading.error = error;
  if (error) throw error;
}
