import { setTimeout as sleep } from 'node:timers/promises';
import { backOffMs } from '../../core/retry.ts';
import { SlowError } from './error.ts';

export interface RetryOptions {
  /** Attempts per query, the first included. Default 5. */
  readonly attempts: number;
  /** The first wait, if the service names none; doubles each time, and is cut by up to half at random. Default 2 s. */
  readonly delayMs: number;
}

/** A body that broke this often may be too large to come through. */
const MAX_BROKEN_BODIES = 3;

/** Another attempt may succeed; `cause` is the error if it is not made. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  /** As the service asks for it. */
  readonly waitMs: number | undefined;
  /** How an answer broke on its way. `empty`: nothing at all came, and for that no window is small enough. */
  readonly broken: 'empty' | 'cut' | undefined;

  constructor(cause: Error, options: { waitMs?: number | undefined; broken?: 'empty' | 'cut' } = {}) {
    super(cause.message, { cause });
    this.waitMs = options.waitMs;
    this.broken = options.broken;
  }
}

/**
 * Makes attempts, with waits between them, until one succeeds or fails for good.
 * @param deadlineMs on the monotonic clock; no wait goes beyond it.
 * @throws SlowError when the answer broke again and again; the reason of `signal`.
 */
export async function repeat<T>(
  attempt: () => Promise<T>,
  { attempts, delayMs }: RetryOptions,
  deadlineMs: number,
  signal: AbortSignal,
  onRetry: ((waitMs: number) => void) | undefined,
): Promise<T> {
  let broken = 0;
  for (let made = 1; ; made += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      if (error.broken) broken += 1;
      const waitMs = error.waitMs ?? backOffMs(made, delayMs, Math.random());
      if (made >= attempts || broken === MAX_BROKEN_BODIES || performance.now() + waitMs > deadlineMs) {
        if (!error.broken) throw error.cause;
        const Final = error.broken === 'empty' ? Error : SlowError;
        throw new Final(`the answer broke ${broken} times, last ${error.message}`, { cause: error });
      }
      onRetry?.(waitMs);
      await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
