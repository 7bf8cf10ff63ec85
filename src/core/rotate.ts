import type { Run } from './run.ts';

/**
 * The same items, beginning in each run with another one, which the run's id decides. What takes all of a run's time, or
 * fails it, leaves the next runs to the others so, and nothing has to be remembered.
 * @param what they are, so that two such orders in a run do not depend on each other.
 */
export function rotate<T>({ ports, report }: Run, what: string, items: readonly T[]): readonly T[] {
  if (items.length < 2) return items;
  const first = Number(ports.keys.ofText(`${what} ${report.runId}`) % BigInt(items.length));
  return [...items.slice(first), ...items.slice(0, first)];
}
