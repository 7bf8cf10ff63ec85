import type { Syntax } from '../../kusto.ts';
import { convert, quoteText, SQL_TYPES } from '../../sql.ts';
import type { Context, Operator } from '../context.ts';
import { scalar } from '../expression.ts';
import { type Frame, NO_INGESTION_TIME } from '../frame.ts';
import { part } from '../syntax.ts';
import { compute, resultColumns } from './columns.ts';

const NOTHING: Frame = { sql: 'SELECT 1', columns: [], ingested: NO_INGESTION_TIME };

/** `print`: one row of constants. */
export function print(node: Syntax, context: Context): Frame {
  const made = compute(part(node, 'Expressions').children, resultColumns(node), NOTHING, context);
  return { sql: `SELECT ${made.selected.join(', ')}`, columns: made.columns, ingested: NO_INGESTION_TIME };
}

/** `datatable(...)[...]`: rows of constants. */
export function dataTable(node: Syntax, context: Context): Frame {
  const columns = resultColumns(node).map((column) => ({ ...column, sql: context.fresh(), hidden: false }));
  const values = part(node, 'Values').children.map((value, index) => {
    const found = scalar(value, context.scope(NOTHING));
    return convert(found, columns[index % columns.length]?.type ?? found.type);
  });
  const rows: string[] = [];
  for (let at = 0; at + columns.length <= values.length; at += columns.length) {
    rows.push(`(${values.slice(at, at + columns.length).join(', ')})`);
  }
  const names = columns.map(({ sql }) => sql).join(', ');
  const nulls = columns.map(({ type, sql }) => `CAST(NULL AS ${SQL_TYPES[type]}) AS ${sql}`);
  const empty = `SELECT ${nulls.join(', ')} WHERE false`;
  const sql = rows.length === 0 ? empty : `SELECT * FROM (VALUES ${rows.join(', ')}) AS t(${names})`;
  return { sql, columns, ingested: NO_INGESTION_TIME };
}

/** `range x from a to b step c`. */
export function range(node: Syntax, context: Context): Frame {
  const [column] = resultColumns(node).map((each) => ({ ...each, sql: context.fresh(), hidden: false }));
  const [from, to, step] = ['From', 'To', 'Step'].map((role) => {
    return `CAST(${scalar(part(node, role), context.scope(NOTHING)).sql} AS BIGINT)`;
  });
  if (column === undefined) return NOTHING;
  const sql = `SELECT unnest(generate_series(${from}, ${to}, ${step})) AS ${column.sql}`;
  return { sql, columns: [column], ingested: NO_INGESTION_TIME };
}

export const count: Operator = (_, from) => ({
  sql: `SELECT count(*) AS "Count" FROM (${from.sql})`,
  columns: [{ name: 'Count', type: 'long', sql: '"Count"', hidden: false }],
  ingested: NO_INGESTION_TIME,
});

const DATA_TYPES: Readonly<Record<string, string>> = {
  bool: 'System.SByte',
  datetime: 'System.DateTime',
  decimal: 'System.Data.SqlTypes.SqlDecimal',
  dynamic: 'System.Object',
  guid: 'System.Guid',
  int: 'System.Int32',
  long: 'System.Int64',
  real: 'System.Double',
  string: 'System.String',
  timespan: 'System.TimeSpan',
};

/** `getschema`: a row for each column. */
export const getSchema: Operator = (node, from) => {
  const rows = from.columns
    .filter(({ hidden }) => !hidden)
    .map(
      ({ name, type }, index) =>
        `(${[quoteText(name), index, quoteText(DATA_TYPES[type] ?? ''), quoteText(type)].join(', ')})`,
    );
  const columns = resultColumns(node).map((column, index) => ({ ...column, sql: `s${index}`, hidden: false }));
  const sql = `SELECT * FROM (VALUES ${rows.join(', ')}) AS s(${columns.map((column) => column.sql).join(', ')})`;
  return { sql, columns, ingested: NO_INGESTION_TIME };
};
