import type { Column } from '../core/rows.ts';
import type { Kind } from './copy-cells.ts';
import { fold, nameProblem, PART_COLUMN, qualified, quote } from './names.ts';

/** A table of the database: its name and columns as they are, with PostgreSQL's types. */
export interface Table {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Where the rows of an answer go. */
export interface Destination {
  /** Makes the table or adds the columns that are missing; empty when it has them all. */
  readonly statements: readonly string[];
  /** What they add: for the log. */
  readonly added: readonly string[];
  /** The quoted name of the table. */
  readonly table: string;
  /** For each column of the answer. */
  readonly columns: readonly string[];
  readonly kinds: readonly Kind[];
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  long: 'bigint',
  int: 'integer',
  real: 'double precision',
  bool: 'boolean',
  datetime: 'timestamp with time zone',
  guid: 'uuid',
  decimal: 'numeric',
  dynamic: 'json',
  // An interval keeps microseconds, and a timespan has ticks.
  timespan: 'text',
};
const KINDS: Readonly<Record<string, Kind>> = { 'timestamp with time zone': 'time', json: 'json' };

/**
 * Plans where rows with these columns go. Names are matched without case, and made in lower case, so that queries need
 * no quotes. A column of type `text` takes whatever comes.
 * @param found the export's table, if there is one.
 * @throws saying which columns do not fit, and what to do.
 */
export function planDestination(exportName: string, found: Table | undefined, columns: readonly Column[]): Destination {
  const table = qualified(found?.name ?? fold(exportName));
  const there = new Map(found?.columns.map((column) => [fold(column.name), column]));
  const problems: string[] = [];
  const added: string[] = [];
  const names = new Set<string>();
  const planned = columns.map(({ name, type }) => {
    const folded = fold(name);
    const wanted = TYPES[type] ?? 'text';
    const column = there.get(folded) ?? { name: folded, type: wanted };
    const problem = names.has(folded) ? 'another column has its name but for case' : nameProblem(name);
    if (problem !== undefined)
      problems.push(`${name}: ${problem}; give it another one: | project-rename Other = ['${name}']`);
    if (column.type !== wanted && column.type !== 'text')
      problems.push(
        `${name}: found ${type} in Logs and ${column.type} in the table, expected ${wanted}; either keep both: ` +
          `alter table ${table} rename column ${quote(column.name)} to ${quote(`${column.name}_before`)}, and a new one ` +
          `is added; or let it take everything: alter table ${table} alter column ${quote(column.name)} type text`,
      );
    if (!there.has(folded)) added.push(`${quote(folded)} ${wanted}`);
    names.add(folded);
    return column;
  });
  if (problems.length > 0) throw new Error(`${table} cannot take the rows. ${problems.join('. ')}`);
  if (!there.has(PART_COLUMN)) added.unshift(`${quote(PART_COLUMN)} bigint`);
  return {
    statements: added.length === 0 ? [] : statementsFor(table, found !== undefined, added),
    added,
    table,
    columns: planned.map(({ name }) => quote(name)),
    kinds: planned.map(({ type }) => KINDS[type] ?? 'text'),
  };
}

function statementsFor(table: string, isThere: boolean, added: readonly string[]): string[] {
  if (isThere) return [`alter table ${table} ${added.map((column) => `add column ${column}`).join(', ')}`];
  return [
    `create table ${table} (${added.join(', ')})`,
    // Tiny, and all that is needed to read a part back: rows of a part lie side by side.
    `create index on ${table} using brin (${quote(PART_COLUMN)}) with (autosummarize = on)`,
  ];
}

/** `copy`, for rows that begin with the id of their part. */
export function copyStatement({ table, columns }: Destination): string {
  return `copy ${table} (${[quote(PART_COLUMN), ...columns].join(', ')}) from stdin`;
}
