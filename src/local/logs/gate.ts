/** The service's limits. A test may change them while the emulator runs. */
export interface Limits {
  /** Rows of one answer. */
  rows: number;
  /** Bytes of the rows of one answer, as JSON. */
  bytes: number;
  /** Queries that run at once; more are queued. */
  queries: number;
  /** How long a query may be queued before it gets 429. */
  queueMs: number;
  /** Requests in 30 seconds; more get 429. */
  requests: number;
  /** How long a query may take until its first rows; `Prefer: wait` may ask for less. After it, 504. */
  queryMs: number;
  /** How long an answer is repeated to the same question. */
  cacheMs: number;
}

export const DEFAULT_LIMITS: Readonly<Limits> = {
  rows: 500_000,
  bytes: 64_000_000,
  queries: 5,
  queueMs: 180_000,
  requests: 200,
  queryMs: 600_000,
  cacheMs: 120_000,
};

const REQUESTS_PERIOD_MS = 30_000;

/** Admits requests. Waiting is real time, whatever the emulator's clock says. */
export interface Gate {
  /** 0 when the request may go on, else the seconds after which to try again. */
  admit(): number;
  /** Resolves with a function that ends the turn, or with undefined when none came in time. */
  enter(signal: AbortSignal): Promise<(() => void) | undefined>;
}

export function createGate(limits: Limits): Gate {
  const admitted: number[] = [];
  const queue: (() => void)[] = [];
  let running = 0;
  const leave = (): void => {
    running--;
    while (running < limits.queries && queue.length > 0) queue.shift()?.();
  };
  const turn = (): (() => void) => {
    running++;
    let left = false;
    return () => {
      if (!left) leave();
      left = true;
    };
  };
  return {
    admit: () => {
      const now = performance.now();
      while (admitted[0] !== undefined && admitted[0] <= now - REQUESTS_PERIOD_MS) admitted.shift();
      if (admitted.length >= limits.requests) {
        return Math.max(1, Math.ceil(((admitted[0] ?? now) + REQUESTS_PERIOD_MS - now) / 1000));
      }
      admitted.push(now);
      return 0;
    },
    enter: (signal) => {
      if (running < limits.queries) return Promise.resolve(turn());
      return new Promise((resolve) => {
        const end = (result: (() => void) | undefined): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          resolve(result);
        };
        const start = (): void => end(turn());
        const giveUp = (): void => {
          const index = queue.indexOf(start);
          if (index >= 0) queue.splice(index, 1);
          end(undefined);
        };
        const timer = setTimeout(giveUp, limits.queueMs);
        signal.addEventListener('abort', giveUp);
        queue.push(start);
      });
    },
  };
}
