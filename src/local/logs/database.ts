import { setImmediate } from 'node:timers/promises';
import { type DuckDBAppender, type DuckDBConnection, DuckDBInstance, type DuckDBResult } from '@duckdb/node-api';
import { createTurns } from '../../core/turns.ts';
import { type Column, type ColumnType, hiddenColumns, type Schemas, schemaColumns, type TableSchema } from './kusto.ts';
import { INGESTED, MACROS, quoteName, SQL_TYPES } from './sql.ts';
import { storeText } from './text.ts';
import { parseTicks } from './ticks.ts';

/** One row by column names; what is missing is null. Times are ticks or ISO text, longs may be bigint. */
export type Row = Readonly<Record<string, unknown>>;

export interface Database {
  /**
   * Appends rows, which are visible when it resolves.
   * @throws Error before anything is appended, when a value does not fit its column.
   */
  append(table: string, rows: readonly Row[]): Promise<void>;
  /** Runs SQL that changes something, after the appends before it. */
  execute(sql: string): Promise<void>;
  /** Opens a query, on a connection of its own. The caller closes it. */
  open(sql: string): Promise<Cursor>;
  close(): Promise<void>;
}

export interface Cursor {
  /** The next values of the first column, or undefined at the end. */
  next(): Promise<readonly string[] | undefined>;
  /** Ends the query: a pending `next` rejects soon, a later one at once. */
  close(): void;
  /** Resolves when nothing of the query is left. */
  readonly closed: Promise<void>;
}

/** The columns of a stored table, hidden ones and the ingestion time included. */
export function storedColumns(schema: TableSchema): Column[] {
  return [...schemaColumns(schema), ...hiddenColumns(schema), { name: INGESTED, type: 'datetime' }];
}

/** Opens a DuckDB database in memory with a table for each schema. */
export async function openDatabase(schemas: Schemas): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:');
  const writer = await instance.connect();
  await writer.run(`SET TimeZone = 'UTC'; ${MACROS.join('\n')}`);
  for (const [table, schema] of Object.entries(schemas)) {
    const columns = storedColumns(schema).map(({ name, type }) => `${quoteName(name)} ${SQL_TYPES[type]}`);
    await writer.run(`CREATE TABLE ${quoteName(table)} (${columns.join(', ')})`);
  }
  const cursors = new Set<Cursor>();
  const appenders = new Map<string, DuckDBAppender>();
  const turns = createTurns();
  return {
    append: (table, rows) => {
      const schema = schemas[table];
      if (schema === undefined) throw new Error(`Ingestion: found the table '${table}', expected one of the schemas.`);
      return turns.take(async () => {
        // One appender per table, kept: its native buffers are freed late, and many small appends would pile them up.
        const appender = appenders.get(table) ?? (await writer.createAppender(table));
        appenders.set(table, appender);
        append(appender, storedColumns(schema), rows);
        // Appending is synchronous: this lets the event loop turn in a tight loop of appends.
        await setImmediate();
      });
    },
    execute: (sql) =>
      turns.take(async () => {
        await writer.run(sql);
      }),
    open: async (sql) => {
      const cursor = openCursor(await instance.connect(), sql);
      cursors.add(cursor);
      void cursor.closed.then(() => cursors.delete(cursor));
      return cursor;
    },
    close: async () => {
      for (const cursor of cursors) cursor.close();
      await Promise.all([...cursors].map(({ closed }) => closed));
      await turns.settle();
      for (const appender of appenders.values()) appender.closeSync();
      writer.closeSync();
      instance.closeSync();
    },
  };
}

function append(appender: DuckDBAppender, columns: readonly Column[], rows: readonly Row[]): void {
  // All values are read before the first is appended: a wrong one leaves the table as it was.
  const values = rows.map((row) => columns.map(({ name, type }) => toStored(row[name], name, type)));
  for (const row of values) {
    row.forEach((value, index) => {
      if (value === null) appender.appendNull();
      else if (typeof value === 'string') appender.appendVarchar(value);
      else if (typeof value === 'bigint') appender.appendBigInt(value);
      else if (typeof value === 'boolean') appender.appendBoolean(value);
      else if (columns[index]?.type === 'int') appender.appendInteger(value);
      else appender.appendDouble(value);
    });
    appender.endRow();
  }
  appender.flushSync();
}

type Stored = string | number | bigint | boolean | null;

function toStored(value: unknown, name: string, type: ColumnType): Stored {
  if (value === undefined || value === null) return type === 'string' ? '' : null;
  switch (type) {
    case 'bool':
      return Boolean(value);
    case 'int':
      return Number.isFinite(Number(value)) ? Math.trunc(Number(value)) | 0 : null;
    case 'real':
      return Number(value);
    case 'long':
      return BigInt.asIntN(64, BigInt(value as bigint));
    case 'datetime':
    case 'timespan': {
      const ticks = typeof value === 'bigint' ? value : parseTicks(String(value));
      if (ticks === undefined)
        throw new Error(`Ingestion: column '${name}': found '${value}', expected ticks or ISO time.`);
      return BigInt.asIntN(64, ticks);
    }
    case 'dynamic':
      return storeText(typeof value === 'string' ? value : JSON.stringify(value));
    default:
      return storeText(String(value));
  }
}

/** DuckDB forgets an interrupt that comes before the query has begun, so it is repeated. */
const INTERRUPT_EVERY_MS = 20;

function openCursor(connection: DuckDBConnection, sql: string): Cursor {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let result: Promise<DuckDBResult> | undefined;
  let pending: Promise<unknown> = Promise.resolve();
  let closing = false;
  const fetch = async (): Promise<readonly string[] | undefined> => {
    result ??= connection.stream(sql);
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
