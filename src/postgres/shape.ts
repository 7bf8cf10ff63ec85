import type { Connection } from './connection.ts';
import { qualified, SCHEMA } from './names.ts';
import type { Table } from './table.ts';

const COLUMNS = `
  select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where n.nspname = $1 and c.relkind in ('r', 'p') and lower(c.relname) = lower($2)
  order by c.relname, a.attnum`;

/**
 * The table of an export, whose name is matched without case; `undefined` when there is none yet.
 * @throws when there are two.
 */
export async function readTable(connection: Connection, exportName: string): Promise<Table | undefined> {
  const { rows } = await connection.query(COLUMNS, [SCHEMA, exportName]);
  const names = [...new Set(rows.map((row) => String(row.table)))];
  const [name, second] = names;
  if (name === undefined) return undefined;
  if (second !== undefined) {
    throw new Error(
      `found ${names.map(qualified).join(' and ')}, expected one table for ${exportName}: rename the other`,
    );
  }
  const columns = rows.filter((row) => row.name !== null);
  return { name, columns: columns.map((row) => ({ name: String(row.name), type: String(row.type) })) };
}
