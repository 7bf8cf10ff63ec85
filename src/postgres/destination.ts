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

/**
 * Where the rows of an answer go, in a table that has all of its columns. What is missing is added in a transaction of
 * its own, for a table cannot be read while it is being changed.
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
  const plan = async (connection: Connection) => {
    const table = await readTable(connection, exportName);
    return { table, destination: planDestination(exportName, table, columns) };
  };
  for (let attempt = 1; ; attempt++) {
    const planned = await database.using(plan);
    if (planned.destination.statements.length === 0) return planned;
    await alone();
    try {
      await database.transaction(async (connection) => {
        await connection.query(`set local lock_timeout = ${LOCK_MS}`);
        await lockSchema(connection);
        await ensureSchema(connection);
        // Asked again, now that no other run can change anything.
        const { destination } = await plan(connection);
        for (const statement of destination.statements) await connection.query(statement);
        await connection.query('commit');
      });
      log.info(`${exportName}: ${changeText(planned)}`);
    } catch (error) {
      if (!hasCode(error, LOCK_NOT_AVAILABLE)) throw error;
      if (attempt === ATTEMPTS) throw inUse(planned.destination, error);
      await delay(PAUSE_MS);
    }
  }
}

function changeText({ table, destination }: { table: Table | undefined; destination: Destination }): string {
  // A new table has fifty columns, and nobody looks for one of them.
  if (table === undefined)
    return `${destination.table} is made, with ${formatCount(destination.added.length, 'column')}`;
  return `${destination.table} has new columns: ${destination.added.join(', ')}`;
}

function inUse({ table, added }: Destination, cause: unknown): Error {
  return new Error(
    `${table} is in use, so that its columns cannot be added (${added.join(', ')}): a query or another run has held ` +
      `it in each of ${ATTEMPTS} attempts. The next run tries again`,
    { cause },
  );
}
