import type { ColumnType } from './kusto.ts';
import { storeText } from './text.ts';
import { EPOCH_TICKS } from './ticks.ts';

/**
 * How values are stored and computed. Decimals keep the digits that they came with, guids are text. A dynamic value is
 * the text that the API shows for it: JSON, or the bare text of a string (the API does not tell these apart either).
 */
export const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  bool: 'BOOLEAN',
  datetime: 'BIGINT',
  decimal: 'VARCHAR',
  dynamic: 'VARCHAR',
  guid: 'VARCHAR',
  int: 'INTEGER',
  long: 'BIGINT',
  real: 'DOUBLE',
  string: 'VARCHAR',
  timespan: 'BIGINT',
};

/** The column that holds the ingestion time in every stored table; no Kusto name looks like it. */
export const INGESTED = '$ingested';

/** An SQL expression and the Kusto type of its value. */
export interface Scalar {
  readonly sql: string;
  readonly type: ColumnType;
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  const stored = storeText(text).replaceAll("'", "''");
  return stored.includes('\0')
    ? `(${stored
        .split('\0')
        .map((part) => `'${part}'`)
        .join(' || chr(0) || ')})`
    : `'${stored}'`;
}

const TEXT: Partial<Record<ColumnType, (sql: string) => string>> = {
  real: (sql) => `real_text(${sql})`,
  datetime: (sql) => `datetime_text(${sql})`,
  timespan: (sql) => `timespan_text(${sql})`,
};

/** How a value looks as a cell of an answer; for `json_array`, which knows null, booleans, integers and text. */
export function cell({ sql, type }: Scalar): string {
  if (type === 'string') return `coalesce(${sql}, '')`;
  if (type === 'real') return `(CASE WHEN isfinite(${sql}) THEN to_json(${sql}) ELSE to_json(real_text(${sql})) END)`;
  if (type === 'datetime') return `datetime_json(${sql})`;
  return type === 'timespan' ? `timespan_text(${sql})` : sql;
}

/** A value as JSON, for building dynamic values. */
export function json(value: Scalar): string {
  return value.type === 'dynamic' ? `dynamic_json(${value.sql})` : `to_json(${cell(value)})`;
}

/** Converts a value as Kusto's `to...()` functions do: null where it cannot be done, '' for a string. */
export function convert({ sql, type }: Scalar, to: ColumnType): string {
  if (type === to) return sql;
  const text = (TEXT[type] ?? ((plain: string) => `CAST(${plain} AS VARCHAR)`))(sql);
  const isText = type === 'string' || type === 'dynamic' || type === 'guid';
  switch (to) {
    case 'string':
      return `coalesce(${text}, '')`;
    case 'dynamic':
    case 'guid':
    case 'decimal':
      return `nullif(${text}, '')`;
    case 'datetime':
      return isText ? `kusto_datetime(${sql})` : `CAST(${sql} AS BIGINT) - ${EPOCH_TICKS}`;
    case 'timespan':
      return isText ? `parse_timespan(${sql})` : `CAST(${sql} AS BIGINT)`;
    case 'bool':
      return isText ? `TRY_CAST(${sql} AS BOOLEAN)` : `(${sql} <> 0)`;
    case 'int':
    case 'long': {
      if (type === 'datetime') return `(${sql} + ${EPOCH_TICKS})`;
      const source = type === 'real' ? `trunc(${sql})` : sql;
      return `TRY_CAST(${source} AS ${SQL_TYPES[to]})`;
    }
    case 'real':
      return `TRY_CAST(${sql} AS DOUBLE)`;
  }
}

/** A decimal as a number that SQL can compare and add: 20 digits before the point, 18 behind it. */
export function decimalNumber(value: Scalar): string {
  return `TRY_CAST(${value.type === 'decimal' ? value.sql : convert(value, 'string')} AS DECIMAL(38, 18))`;
}
