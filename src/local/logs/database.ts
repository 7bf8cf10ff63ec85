import { setImmediate } from 'node:timers/promises';
import { type DuckDBAppender, DuckDBInstance } from '@duckdb/node-api';
import { createTurns } from '../../core/turns.ts';
import { type Cursor, openCursor } from './cursor.ts';
import { type Column, type ColumnType, hiddenColumns, type Schemas, schemaColumns, type TableSchema } from './kusto.ts';
import { MACROS } from './macros.ts';
import { registerNatives } from './natives.ts';
import { INGESTED, quoteName, SQL_TYPES } from './sql.ts';
import { storeText } from './text.ts';
import { parseTicks } from './ticks.ts';

/** One row by column names; what is missing is null. Times are ticks or ISO text, longs may be bigint. */
export type Row = Readonly<Record<string, unknown>>;

export interface Database {
  /**
   * Appends rows. They are made when their turn has come, and no query and no other code runs between that moment and
   * the one in which they are visible: what `make` reads from a clock is the time of both.
   * @throws Error before anything is appended, when a value does not fit its column.
   */
  append(table: string, make: () => readonly Row[]): Promise<void>;
  /** Appends rows of a table again, by an SQL condition, with another ingestion time: visible in one step as well. */
  repeat(table: string, condition: string, ingestedTicks: () => bigint): Promise<void>;
  /** Runs SQL that changes something, after the appends before it. */
  execute(sql: string): Promise<void>;
  /** Opens a query, on a connection of its own. The caller closes it. */
  open(sql: string): Promise<Cursor>;
  close(): Promise<void>;
}

/** The columns of a stored table, hidden ones and the ingestion time included. */
export function storedColumns(schema: TableSchema): Column[] {
  return [...schemaColumns(schema), ...hiddenColumns(schema), { name: INGESTED, type: 'datetime' }];
}

/** Opens a DuckDB database in memory with a table for each schema. */
export async function openDatabase(schemas: Schemas): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:');
  const writer = await instance.connect();
  await registerNatives(writer);
  await writer.run(`SET TimeZone = 'UTC'; ${MACROS.join('\n')}`);
  for (const [table, schema] of Object.entries(schemas)) {
    const columns = storedColumns(schema).map(({ name, type }) => `${quoteName(name)} ${SQL_TYPES[type]}`);
    await writer.run(`CREATE TABLE ${quoteName(table)} (${columns.join(', ')})`);
  }
  const cursors = new Set<Cursor>();
  const appenders = new Map<string, DuckDBAppender>();
  const columnsOf = (table: string): Column[] => {
    const schema = schemas[table];
    if (schema === undefined) throw new Error(`Ingestion: found the table '${table}', expected one of the schemas.`);
    return storedColumns(schema);
  };
  // One appender per table, kept: its native buffers are freed late, and many small appends would pile them up.
  const appenderOf = async (table: string): Promise<DuckDBAppender> => {
    const appender = appenders.get(table) ?? (await writer.createAppender(table));
    appenders.set(table, appender);
    return appender;
  };
  const turns = createTurns();
  return {
    append: (table, make) => {
      const columns = columnsOf(table);
      return turns.take(async () => {
        append(await appenderOf(table), columns, make());
        // Appending is synchronous: this lets the event loop turn in a tight loop of appends.
        await setImmediate();
      });
    },
    repeat: (table, condition, ingestedTicks) => {
      const columns = columnsOf(table);
      return turns.take(async () => {
        const result = await writer.run(`SELECT * FROM ${quoteName(table)} WHERE ${condition}`);
        const chunks = await result.fetchAllChunks();
        const appender = await appenderOf(table);
        const ticks = ingestedTicks();
        for (const chunk of chunks) {
          const ingested = chunk.getColumnVector(columns.length - 1);
          for (let row = 0; row < chunk.rowCount; row++) ingested.setItem(row, ticks);
          ingested.flush();
          appender.appendDataChunk(chunk);
        }
        appender.flushSync();
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
