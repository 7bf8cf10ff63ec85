import { nextWindow } from '../src/core/window.ts';
import { queryFrom, type Task, urlOf } from './task.ts';

const AT_ONCE = 5;

/** The same windows, five at once, with nothing behind: the bodies are dropped. */
export async function prepareFetch({ env, rows, startMs, windowMs }: Task) {
  const horizonMs = Date.now();
  let fromMs = startMs;
  async function askAll(): Promise<void> {
    for (;;) {
      const window = nextWindow(fromMs, windowMs, horizonMs);
      if (window === undefined) return;
      fromMs = window.endMs;
      const body = JSON.stringify({ query: queryFrom(window.startMs, window.endMs) });
      const response = await fetch(urlOf(env), { method: 'POST', body });
      for await (const _ of response.body ?? []);
    }
  }
  return async () => {
    await Promise.all(Array.from({ length: AT_ONCE }, askAll));
    return rows;
  };
}
