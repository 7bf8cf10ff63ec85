import {
  ADDED,
  ADDED_APART,
  countQuery,
  type ExportQuery,
  formatQuery,
  histogramQuery,
  itemIdColumn,
  LOOK_TIME,
  lookQuery,
  oldestQuery,
  recountQuery,
  timespanOf,
  windowQuery,
} from './kql/query.ts';
import { type Answer, type Logs, NoItemIdError, type Query } from './logs.ts';
import { type Rows, readAll } from './rows.ts';
import type { Look, PartKey, Tally } from './sink.ts';
import { DAY_MS, type Window } from './window.ts';

/** An export's table in Logs, asked by way of the export's query. */
export interface Table {
  /** The query, as the watermark keeps it. */
  readonly text: string;
  /** As `Query.source`. */
  readonly source: string;
  /** Whether the same rows are there whenever it is asked: only then can they be recounted. */
  readonly isStable: boolean;
  /**
   * Looks at one row of the table, to see what the export may call the columns that it adds.
   * @throws when the table has no ingestion time.
   */
  look(asking: Asking): Promise<Answer<Look>>;
  /** The rows of a window, or of a bucket of it. */
  rows<T>(key: PartKey, look: Look, asking: Asking, receive: (rows: Rows) => Promise<T>): Promise<Answer<T>>;
  /** How many rows `rows` has. */
  count(window: Window, look: Look, asking: Asking): Promise<number>;
  /** How the rows of a window lie in it, bar by bar, without those that have none. Fails where the query drops the time. */
  bars(window: Window, barMs: number, look: Look, asking: Asking): Promise<Bar[]>;
  /** Counts the rows of several windows, each by the keys of the column `itemId`; without it by number alone. */
  recount(windows: readonly Window[], look: Look, itemId: string | undefined, asking: Asking): Promise<Answer<Recount>>;
  /** When the oldest row of the table was ingested; `undefined` when there is none. */
  oldest(asking: Asking): Promise<number | undefined>;
}

export interface Recount {
  /** One for each window. */
  readonly tallies: readonly Tally[];
  /** Rows of the table that have no ingestion time. */
  readonly withoutTime: number;
}

export interface Bar {
  readonly startMs: number;
  readonly rows: number;
}

/** On whose behalf something is asked. */
export type Asking = Pick<Query, 'signal' | 'timeoutMs' | 'onRetry' | 'isAhead'>;

/** Longer than any retention that is read here. */
const LOOK_MS = 730 * DAY_MS;

/** @param now the machine's clock, milliseconds since 1970. */
export function openTable(logs: Logs, source: string, query: ExportQuery, now: () => number): Table {
  const ask = <T>(kql: string, window: Window, asking: Asking, receive: (rows: Rows) => Promise<T>) =>
    logs.query({ source, kql, timespan: timespanOf(window), ...asking }, receive);

  const always = () => ({ startMs: now() - LOOK_MS, endMs: now() });

  async function look(asking: Asking): Promise<Answer<Look>> {
    const send = async (itemId: boolean) => {
      const answer = await ask(lookQuery(query, itemId), always(), asking, readAll);
      return { ...answer, value: lookOf(answer, itemId) };
    };
    return send(true).catch((error: unknown) => {
      if (!(error instanceof NoItemIdError)) throw error;
      return send(false);
    });
  }

  function lookOf({ columns, value: [row] }: Answer<Record<string, unknown>[]>, itemId: boolean): Look {
    if (row?.[LOOK_TIME] === null) {
      throw new Error(`ingestion_time() is null in ${query.table}, as in a saved function: name a table`);
    }
    const nameOf = (added: keyof typeof ADDED) =>
      (columns.some(({ name }) => name === ADDED[added]) ? ADDED_APART : ADDED)[added];
    const shown = columns.find(({ name }) => name === itemIdColumn(query))?.name;
    return {
      itemId: itemId ? (shown ?? nameOf('itemId')) : undefined,
      ingestionTime: nameOf('ingestionTime'),
      proven: row !== undefined,
    };
  }

  return {
    text: formatQuery(query),
    source,
    isStable: query.readsOthers !== true,
    look,
    rows: (key, found, asking, receive) => ask(windowQuery(query, key, found), key.window, asking, receive),
    async count(window, found, asking) {
      const kql = countQuery(windowQuery(query, { window }, found));
      const { value } = await ask(kql, window, asking, readAll);
      const count = Object.values(value[0] ?? {})[0];
      if (value.length === 1 && typeof count === 'number') return count;
      throw new Error(`found ${JSON.stringify(value)}, expected one number as the answer to ${kql}`);
    },
    async bars(window, barMs, found, asking) {
      const { value } = await ask(histogramQuery(query, window, barMs, found), window, asking, readAll);
      return value.map((row) => ({ startMs: Date.parse(String(row.Start)), rows: Number(row.Rows) }));
    },
    async recount(windows, found, itemId, asking) {
      const startMs = Math.min(...windows.map((window) => window.startMs));
      const endMs = Math.max(...windows.map((window) => window.endMs));
      const answer = await ask(recountQuery(query, windows, found, itemId), { startMs, endMs }, asking, readAll);
      const byIndex = new Map(answer.value.map((row) => [Number(row.Window), row]));
      const tallies = windows.map((_, index) => {
        const row = byIndex.get(index);
        // A count of no rows is a row too: without it nothing has been counted.
        if (row === undefined)
          throw new Error(`found no count of window ${index + 1} of ${windows.length} in a recount`);
        return tallyOf(row);
      });
      return { ...answer, value: { tallies, withoutTime: Number(byIndex.get(-1)?.Rows ?? 0) } };
    },
    async oldest(asking) {
      const { value } = await ask(oldestQuery(query), always(), asking, readAll);
      const oldest = value[0]?.Oldest;
      return typeof oldest === 'string' ? Date.parse(oldest) : undefined;
    },
  };
}

/** A row of a recount; no rows have no checksums. */
function tallyOf(row: Record<string, unknown>): Tally {
  const { Rows: rows = 0, Xor: xor, Sum: sum } = row;
  return { rows: Number(rows), xor: String(xor ?? '').padStart(16, '0'), sum: BigInt(String(sum ?? '') || 0) };
}
