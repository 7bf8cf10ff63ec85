import { setTimeout as delay } from 'node:timers/promises';
import { formatCount } from '../core/human.ts';
import type { Log } from '../core/log.ts';
import type { Column } from '../core/rows.ts';
import type { Connection, Database } from './connection.ts';
import { hasCode } from './error.ts';
import { ensureSchema, lockSchema } from './schema.ts';
import { readTable } from './shape.ts';
import { type Destination, planDestination, type Table } from './table.ts';

/** Whoever waits to change a table lets everybody else wait for it: not long, and so often. */
const LOCK_MS = 3_000;
const ATTEMPTS = 5;
const PAUSE_MS = 2_000;

const LOCK_NOT_AVAILABLE = '55P03';

/** Where the rows of answers go, in an export's table that has all of their columns. */
export function createDestinations(database: Database, exportName: string, log: Log) {
  /** As it was when last seen. */
  let table: Table | undefined;

  async function plan(connection: Connection, columns: readonly Column[]): Promise<Destination> {
    table = await readTable(connection, exportName);
    return planDestination(exportName, table, columns);
  }

  /** In a transaction of its own, for a table cannot be read while it is being changed. */
  const change = (columns: readonly Column[]) =>
    database.transaction(async (connection) => {
      await connection.query(`set local lock_timeout = ${LOCK_MS}`);
      await lockSchema(connection);
      await ensureSchema(connection);
      // No other run can change anything any more.
      for (const statement of (await plan(connection, columns)).statements) await connection.query(statement);
      await connection.query('commit');
    });

  /**
   * Adds what is missing first.
   * @param alone resolves when no transaction of this run uses the table.
   * @throws when a column does not fit, or the table cannot be changed.
   */
  return async (columns: readonly Column[], alone: () => Promise<void>): Promise<Destination> => {
    const known = table && planDestination(exportName, table, columns);
    if (known?.statements.length === 0) return known;
    for (let attempt = 1; ; attempt++) {
      const planned = await database.using((connection) => plan(connection, columns));
      if (planned.statements.length === 0) return planned;
      const what = changeText(planned, table === undefined);
      await alone();
      try {
        await change(columns);
        log.info(`${exportName}: ${what}`);
      } catch (error) {
        if (!hasCode(error, LOCK_NOT_AVAILABLE)) throw error;
        if (attempt === ATTEMPTS) throw inUse(planned, error);
        await delay(PAUSE_MS);
      }
    }
  };
}

function changeText({ table, added }: Destination, isNew: boolean): string {
  // A new table has fifty columns, and nobody looks for one of them.
  if (isNew) return `${table} is made, with ${formatCount(added.length, 'column')}`;
  return `${table} has new columns: ${added.join(', ')}`;
}

function inUse({ table, added }: Destination, cause: unknown): Error {
  return new Error(
    `${table} is in use, so that its columns cannot be added (${added.join(', ')}): a query or another run has held ` +
      `it in each of ${ATTEMPTS} attempts. The next run tries again`,
    { cause },
  );
}
