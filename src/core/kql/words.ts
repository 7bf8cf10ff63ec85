/** `{ 'one other': value }` as a map that has the value for each of the words. */
export function byWord<T>(values: Readonly<Record<string, T>>): ReadonlyMap<string, T> {
  return new Map(
    Object.entries(values).flatMap(([words, value]) => words.split(' ').map((word) => [word, value] as const)),
  );
}
