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
    const leaveLine = () => {
      waiting.delete(admit);
      signal.removeEventListener('abort', giveUp);
    };
    const admit = () => {
      leaveLine();
      resolve();
    };
    const giveUp = () => {
      leaveLine();
      reject(signal.reason);
    };
    waiting.add(admit);
    signal.addEventListener('abort', giveUp);
    await promise;
  }

  return async (signal, task) => {
    await enter(signal);
    try {
      return await task();
    } finally {
      const [next] = waiting;
      if (next) next();
      else free += 1;
    }
  };
}
