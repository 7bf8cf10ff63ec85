import type { Rows } from '../core/rows.ts';
import type { PartKey, Staged } from '../core/sink.ts';
import { formatIso } from '../core/window.ts';
import type { Connection } from './connection.ts';
import { toCopyText, type Written } from './copy-text.ts';
import { PART_COLUMN, quote } from './names.ts';
import { PARTS } from './schema.ts';
import { copyStatement, type Destination } from './table.ts';

/** Adds the rows of a part to its table, and the part to `_parts`. */
export async function addPart(
  connection: Connection,
  exportName: string,
  { window, isLate }: PartKey,
  destination: Destination,
  rows: Rows,
): Promise<Staged & { readonly id: string; readonly replaced: number }> {
  const inserted = await connection.query(
    `insert into ${PARTS} (export, window_start, window_end, is_late) values ($1, $2, $3, $4) returning id`,
    [exportName, formatIso(window.startMs), formatIso(window.endMs), isLate === true],
  );
  const id = String(inserted.rows[0]?.id);
  const written: Written = { rows: 0, bytes: 0, replaced: 0 };
  await connection.copy(copyStatement(destination), toCopyText(rows, destination.kinds, id, written));
  await connection.query(`update ${PARTS} set rows = $2, bytes = $3, replaced = $4 where id = $1`, [
    id,
    written.rows,
    written.bytes,
    written.replaced,
  ]);
  return { id, ...written };
}

/** Takes a staged part out of its transaction again. Not by a savepoint, which brings back what was taken out since. */
export async function dropPart(
  connection: Connection,
  { id, table }: { readonly id: string; readonly table: string },
): Promise<void> {
  await connection.query(`delete from ${table} where ${quote(PART_COLUMN)} = $1`, [id]);
  await connection.query(`delete from ${PARTS} where id = $1`, [id]);
}
