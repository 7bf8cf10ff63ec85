import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';

/** A query under way. */
export interface Cursor {
  /** The next values of the first column, or undefined at the end. */
  next(): Promise<readonly string[] | undefined>;
  /** Ends the query: a pending `next` rejects soon, a later one at once. */
  close(): void;
  /** Resolves when nothing of the query is left. */
  readonly closed: Promise<void>;
}

/** DuckDB forgets an interrupt that comes before the query has begun, so it is repeated. */
const INTERRUPT_EVERY_MS = 20;

/**
 * Starts a query in a transaction of its own. Without one, DuckDB plans it and runs it at two moments: a condition that
 * held for all rows when it was planned is left out, and rows that came in between are not held against it.
 */
async function begin(connection: DuckDBConnection, sql: string): Promise<DuckDBResult> {
  await connection.run('BEGIN TRANSACTION');
  return await connection.stream(sql);
}

/** Opens a query on a connection that is its own. */
export function openCursor(connection: DuckDBConnection, sql: string): Cursor {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let result: Promise<DuckDBResult> | undefined;
  let pending: Promise<unknown> = Promise.resolve();
  let closing = false;
  const fetch = async (): Promise<readonly string[] | undefined> => {
    result ??= begin(connection, sql);
    const opened = await result;
    if (closing) throw new Error('The query was ended.');
    const chunk = await opened.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return undefined;
    const vector = chunk.getColumnVector(0);
    return Array.from({ length: chunk.rowCount }, (_, index) => String(vector.getItem(index)));
  };
  return {
    closed,
    next: () => {
      const chunk = closing ? Promise.reject(new Error('The query was ended.')) : fetch();
      pending = chunk.catch(() => undefined);
      return chunk;
    },
    close: () => {
      if (closing) return;
      closing = true;
      connection.interrupt();
      const timer = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
      // A connection is closed only while nothing runs on it.
      void pending.then(() => {
        clearInterval(timer);
        connection.closeSync();
        resolve();
      });
    },
  };
}
