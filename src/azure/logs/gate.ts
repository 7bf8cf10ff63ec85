/** Lets at most `size` tasks be under way at once. The others wait in line, until their `signal` aborts. */
export type Gate = <T>(signal: AbortSignal, task: () => Promise<T>) => Promise<T>;

export function createGate(size: number): Gate {
  let free = size;
  const waiting = new Set<() => void>();

  async function enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (free > 0) {
      free -= 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = () => {
      waiting.delete(resolve);
      reject(signal.reason);
    };
    waiting.add(resolve);
    signal.addEventListener('abort', giveUp);
    await promise.finally(() => signal.removeEventListener('abort', giveUp));
  }

  return async (signal, task) => {
    await enter(signal);
    try {
      return await task();
    } finally {
      const [admit] = waiting;
      if (admit) waiting.delete(admit);
      else free += 1;
      admit?.();
    }
  };
}
