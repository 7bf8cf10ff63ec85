/** Where everything lies: a schema of its own, since `public` belongs to everybody. */
export const SCHEMA = 'monitorlift';

/** Which part a row came with: names a row of `_parts`. */
export const PART_COLUMN = '_part';

/** Longer names are cut without an error. In bytes. */
const NAME_LIMIT = 63;
const SYSTEM_NAMES = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);

/** As PostgreSQL reads a name without quotes: what is in lower case can be written in any, as in Logs. */
export function fold(name: string): string {
  return name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The quoted name of a table. */
export function qualified(table: string): string {
  return `${quote(SCHEMA)}.${quote(table)}`;
}

/** A time of a column, under the name of the column, as milliseconds since 1970. */
export function milliseconds(column: string): string {
  return `round(extract(epoch from ${column}) * 1000)::bigint as ${column}`;
}

/** Why a column cannot have this name. */
export function nameProblem(name: string): string | undefined {
  const folded = fold(name);
  if (Buffer.byteLength(name) > NAME_LIMIT) return `its name is longer than ${NAME_LIMIT} bytes`;
  if (folded === PART_COLUMN) return `${PART_COLUMN} is a column that the exporter adds`;
  return SYSTEM_NAMES.has(folded) ? `${folded} is a column that every table has already` : undefined;
}
