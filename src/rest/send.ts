import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { backOffMs } from '../core/retry.ts';
import { type Holder, OutOfTimeError } from '../core/sink.ts';
import { type Attempt, TIMEOUT_MS } from './post.ts';

/** Attempts for one batch in one run, the first included. */
const ATTEMPTS = 8;
/** Whoever asks for a longer wait gets it from the runs to come. */
const MAX_WAIT_MS = 300_000;
const TOO_LARGE = 413;

const compress = promisify(gzip);

export interface Sender {
  readonly post: (key: string, body: Uint8Array, signal: AbortSignal) => Promise<Attempt>;
  /** The first wait where an answer names none. */
  readonly delayMs: number;
  /** How the receiver is called in messages. */
  readonly place: string;
}

/**
 * Posts a batch again and again until it has been taken.
 * @returns whether it has; if not, it is too large.
 * @throws OutOfTimeError when too little is left of the run to begin with it.
 * @throws any other error when it will not be taken, or has not in the time that is left.
 */
export async function sendBatch(sender: Sender, key: string, batch: Buffer, holder: Holder): Promise<boolean> {
  const { post, delayMs, place } = sender;
  const { signal = new AbortController().signal, leftMs = () => Number.POSITIVE_INFINITY } = holder;
  if (leftMs() < TIMEOUT_MS) {
    throw new OutOfTimeError(
      `${place}: the run's time is up before "${key}" was sent. Its rows are kept, and the next run goes on with it`,
    );
  }
  // The same bytes each time: one level, and no time in the header.
  const body = await compress(batch, { level: 1 });
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const { status, waitMs = backOffMs(attempt, delayMs, Math.random()), text, cause } = await post(key, body, signal);
    if (status !== undefined && status >= 200 && status < 300) return true;
    if (status === TOO_LARGE) return false;
    if (!mayPass(status)) throw new Error(refusal(place, key, status ?? 0, text));
    if (attempt === ATTEMPTS || waitMs > Math.min(leftMs() - TIMEOUT_MS, MAX_WAIT_MS)) {
      const wait = attempt === ATTEMPTS ? '' : `, to be asked again after ${Math.ceil(waitMs / 1000)} s`;
      throw new Error(
        `${place} has not taken "${key}" in ${attempt} attempts, last ${text}${wait}. Its rows are kept, and the next run ` +
          'sends them again',
        { cause },
      );
    }
    await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function mayPass(status: number | undefined): boolean {
  return status === undefined || status === 408 || status === 429 || status >= 500;
}

function refusal(place: string, key: string, status: number, text: string): string {
  const stay = 'Its rows are kept, and the export waits: each run sends them again';
  if (status >= 300 && status < 400) {
    return (
      `${place} answered "${key}" with a redirection (${text}), which is not followed, so that rows and sign-in go nowhere ` +
      `else: write the address that takes them. ${stay}`
    );
  }
  return `${place} refused "${key}": ${text}. ${stay}`;
}
