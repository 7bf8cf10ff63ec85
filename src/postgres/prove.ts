import type { Holder, Position } from '../core/sink.ts';
import type { Connection, Database } from './connection.ts';
import { addPart } from './part.ts';
import { ensureSchema } from './schema.ts';
import { readTable } from './shape.ts';
import { planDestination } from './table.ts';
import { insertWatermark, moveWatermark, readWatermark } from './watermark.ts';

/**
 * Does what a run does, and what must be refused, in one transaction that is undone.
 * @throws naming what does not pass.
 */
export function proveDatabase(database: Database, home: string, holder: Holder): Promise<string> {
  return database.transaction(async (connection) => {
    await checkEncoding(connection);
    await ensureSchema(connection);
    await proveTable(connection, home.split('/')[0] ?? home);
    await proveWatermark(connection, `${home}/_check/${holder.runId}`, holder);
    return 'makes tables, writes, reads and undoes, and keeps conditions';
  });
}

async function checkEncoding(connection: Connection): Promise<void> {
  const { rows } = await connection.query('show server_encoding');
  if (rows[0]?.server_encoding === 'UTF8') return;
  throw new Error(
    `the database has the encoding ${rows[0]?.server_encoding}, expected UTF8: create one with encoding 'UTF8'`,
  );
}

/** A table that is there already may belong to somebody else: then its columns are not touched. */
async function proveTable(connection: Connection, exportName: string): Promise<void> {
  const table = await readTable(connection, exportName);
  const columns = table === undefined ? [{ name: 'ItemId', type: 'string' }] : [];
  const destination = planDestination(exportName, table, columns);
  for (const statement of destination.statements) await connection.query(statement);
  const window = { startMs: 0, endMs: 1 };
  const batch = { bytes: Buffer.from('"x"'), cells: Int32Array.from([0, 3]), rows: 1 };
  async function* batches() {
    yield batch;
  }
  await addPart(connection, exportName, { window }, destination, { columns, batches: batches() });
}

async function proveWatermark(connection: Connection, home: string, holder: Holder): Promise<void> {
  const exportName = home.split('/')[0] ?? home;
  const position: Position = {
    export: exportName,
    source: 'check',
    query: undefined,
    exportedFromMs: undefined,
    exportedUntilMs: 0,
    windowMs: 1,
    look: undefined,
    claims: [],
    backfills: [],
  };
  await insertWatermark(connection, home, position, holder);
  const first = await readWatermark(connection, home);
  if (first === undefined) throw new Error('a row that was written cannot be read');
  const second = await moveWatermark(connection, home, first, { ...position, exportedUntilMs: 1 }, holder.runId);
  if (second === undefined) throw new Error('a row that was written cannot be updated');
  if ((await moveWatermark(connection, home, first, position, holder.runId)) === undefined) return;
  throw new Error('the database does not keep conditions: it let an update pass whose condition did not hold');
}
