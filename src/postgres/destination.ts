import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../core/log.ts';
import type { Column } from '../core/rows.ts';
import type { Database } from './connection.ts';
import { hasCode } from './error.ts';
import { ensureSchema } from './schema.ts';
import { readTable } from './shape.ts';
import { type Destination, planDestination, type Table } from './table.ts';

/** Whoever waits to change a table lets everybody else wait for it: not long, and so often. */
const LOCK_MS = 3_000;
const ATTEMPTS = 5;
const PAUSE_MS = 2_000;

/** `lock_not_available`; and what another run has made in the meantime. */
const AGAIN = ['55P03', '42701', '42P07', '23505'];

/**
 * Where the rows of an answer go, in a table that has all of its columns. What is missing is added in a transaction of its
 * own, for a table cannot be read while it is being changed.
 * @param known the table as it was when last seen.
 * @param alone resolves when no transaction of this run uses the table.
 * @throws when a column does not fit, or the table cannot be changed.
 */
export async function prepareDestination(
  database: Database,
  exportName: string,
  columns: readonly Column[],
  known: Table | undefined,
  alone: () => Promise<void>,
  log: Log,
): Promise<{ destination: Destination; table: Table | undefined }> {
  const cached = known && planDestination(exportName, known, columns);
  if (cached?.statements.length === 0) return { destination: cached, table: known };
  return database.using(async (connection) => {
    for (let attempt = 1; ; attempt++) {
      const table = await readTable(connection, exportName);
      const destination = planDestination(exportName, table, columns);
      if (destination.statements.length === 0) return { destination, table };
      await alone();
      try {
        await connection.begin();
        await connection.query(`set local lock_timeout = ${LOCK_MS}`);
        await ensureSchema(connection);
        for (const statement of destination.statements) await connection.query(statement);
        await connection.query('commit');
        log.info(`${exportName}: ${destination.table} has new columns: ${destination.added.join(', ')}`);
      } catch (error) {
        await connection.rollback();
        if (!hasCode(error, ...AGAIN)) throw error;
        if (attempt === ATTEMPTS) {
          throw new Error(
            `${destination.table} is in use, so that its columns cannot be added (${destination.added.join(', ')}): a ` +
              'query or another run has held it in each of ' +
              `${ATTEMPTS} attempts. The next run tries again`,
            { cause: error },
          );
        }
        await delay(PAUSE_MS);
      }
    }
  });
}
