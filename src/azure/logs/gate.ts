/**
 * Lets at most `size` tasks be under way at once. The others wait in line, until their `signal` aborts; those that are
 * `ahead` of their turn behind all that are not.
 */
export type Gate = <T>(signal: AbortSignal, isAhead: boolean, task: () => Promise<T>) => Promise<T>;

export function createGate(size: number): Gate {
  let free = size;
  const waiting = new Set<() => void>();
  const ahead = new Set<() => void>();

  async function enter(signal: AbortSignal, line: Set<() => void>): Promise<void> {
    signal.throwIfAborted();
    if (free > 0) {
      free -= 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = () => {
      line.delete(resolve);
      reject(signal.reason);
    };
    line.add(resolve);
    signal.addEventListener('abort', giveUp);
    await promise.finally(() => signal.removeEventListener('abort', giveUp));
  }

  return async (signal, isAhead, task) => {
    await enter(signal, isAhead ? ahead : waiting);
    try {
      return await task();
    } finally {
      const [admit] = [...waiting, ...ahead];
      if (admit === undefined) free += 1;
      else {
        waiting.delete(admit);
        ahead.delete(admit);
        admit();
      }
    }
  };
}
