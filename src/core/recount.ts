import { formatCount } from './human.ts';
import { type Answer, OversizeError } from './logs.ts';
import type { Ports } from './run.ts';
import type { Claim, Look } from './sink.ts';
import type { Asking, Recount } from './table.ts';
import { formatIso, type Window } from './window.ts';

/** Windows that one query recounts at most. */
const WINDOWS_LIMIT = 24;
/** After a query that was too much so many times fewer: few queries, for each may take minutes. */
const FEWER = 4;

/**
 * Recounts the first of some windows, as many as Logs can in one query. Several may take half of the time, so that enough is
 * left for one alone.
 * @param asking called before each query.
 * @returns `undefined` when it is none.
 */
export async function recountAsMany(
  { table, log }: Pick<Ports, 'table' | 'log'>,
  windows: readonly Window[],
  look: Look,
  itemId: string | undefined,
  asking: () => Asking,
): Promise<Answer<Recount> | undefined> {
  const most = Math.min(windows.length, WINDOWS_LIMIT);
  for (let count = most; count >= 1; count = fewer(count)) {
    const { timeoutMs, ...rest } = asking();
    const query = { ...rest, timeoutMs: count === 1 ? timeoutMs : Math.ceil(timeoutMs / 2) };
    try {
      return await table.recount(windows.slice(0, count), look, itemId, query);
    } catch (error) {
      if (!(error instanceof OversizeError)) throw error;
      const from = formatIso(windows[0]?.startMs ?? 0);
      log.warn(
        `${table.text}: ${formatCount(count, 'window')} from ${from} could not be recounted in one query: ${error.message}`,
      );
    }
  }
  return undefined;
}

function fewer(count: number): number {
  return count === 1 ? 0 : Math.max(1, Math.floor(count / FEWER));
}

/**
 * The column by whose keys claims are recounted. Claims of no rows are, by number alone: an answer without columns does not
 * tell whether the query drops that column, and then it cannot be asked for.
 */
export function keyOf({ itemId }: Look, claims: readonly Claim[]): string | undefined {
  return claims.some(({ rows }) => rows > 0) ? itemId : undefined;
}
