import type { Connection } from './connection.ts';
import { qualified, quote, SCHEMA } from './names.ts';

/** How far each home has come, in one row. What the exporter does stands and falls with updates of it. */
export const WATERMARKS = qualified('_watermark');
/** A row for each part: the rows of its export's table that have its `id` in `_part`. */
export const PARTS = qualified('_parts');
/** What audits have found. */
export const VERDICTS = qualified('_audit');

const TABLES = {
  [WATERMARKS]:
    'home text primary key, position jsonb not null, commit bigint not null, run_id text not null, ' +
    'updated_at timestamptz not null default now()',
  [PARTS]:
    'id bigint generated always as identity primary key, export text not null, window_start timestamptz not null, ' +
    'window_end timestamptz not null, is_late boolean not null, rows bigint not null default 0, ' +
    'bytes bigint not null default 0, replaced bigint not null default 0, staged_at timestamptz not null default now()',
  [VERDICTS]:
    'export text, from_time timestamptz, until_time timestamptz, verdict text not null, rows bigint not null, ' +
    'counted bigint not null, late bigint not null, bytes bigint not null, xor text not null, sum numeric not null, ' +
    'audited_at timestamptz not null, primary key (export, from_time, until_time)',
};

/** Until the transaction ends nobody else makes anything here: of two that make the same at once one fails. */
export async function lockSchema(connection: Connection): Promise<void> {
  await connection.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [SCHEMA]);
}

/**
 * Makes what is not there yet, in the transaction that is open. What an administrator has made needs no right to make
 * it.
 */
export async function ensureSchema(connection: Connection): Promise<void> {
  if ((await missingTables(connection)).length === 0) return;
  await lockSchema(connection);
  const { rows } = await connection.query('select to_regnamespace($1) as found', [SCHEMA]);
  if (rows[0]?.found === null) await connection.query(`create schema ${quote(SCHEMA)}`);
  for (const table of await missingTables(connection)) {
    await connection.query(`create table ${table} (${TABLES[table]})`);
    if (table === PARTS) await connection.query(`create index on ${PARTS} (export, window_start)`);
  }
}

async function missingTables(connection: Connection): Promise<string[]> {
  const { rows } = await connection.query(
    'select name from unnest($1::text[]) as name where to_regclass(name) is null',
    [Object.keys(TABLES)],
  );
  return rows.map(({ name }) => name);
}
