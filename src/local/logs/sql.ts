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

/** Macros that the translated queries call; run once per database. */
export const MACROS = [
  `floor_mod(a, b) AS ((a % b) + b) % b`,
  `datetime_text(t) AS strftime(make_timestamp((t - floor_mod(t, 10)) // 10), '%Y-%m-%dT%H:%M:%S.%f') || floor_mod(t, 10) || 'Z'`,
  // Cells are written as Kusto's JSON writes them, without the zeros at the end of a fraction.
  `datetime_json(t) AS rtrim(rtrim(rtrim(datetime_text(t), 'Z'), '0'), '.') || 'Z'`,
  `timespan_text(t) AS (CASE WHEN t < 0 THEN '-' ELSE '' END) ||
    (CASE WHEN abs(t) >= 864000000000 THEN (abs(t) // 864000000000) || '.' ELSE '' END) ||
    printf('%02d:%02d:%02d', abs(t) // 36000000000 % 24, abs(t) // 600000000 % 60, abs(t) // 10000000 % 60) ||
    (CASE WHEN t % 10000000 <> 0 THEN printf('.%07d', abs(t) % 10000000) ELSE '' END)`,
  `parse_datetime(s) AS epoch_us(date_trunc('second', TRY_CAST(s || (CASE WHEN regexp_matches(s, '(Z|[+-]\\d\\d:?\\d\\d)\\s*$') AND s LIKE '%:%' THEN '' ELSE '+00' END) AS TIMESTAMPTZ))) * 10 +
    coalesce(TRY_CAST(rpad(left(regexp_extract(s, ':\\d\\d\\.(\\d+)', 1), 7), 7, '0') AS BIGINT), 0)`,
  `parse_timespan(s) AS (CASE WHEN regexp_matches(s, '^\\s*-?(\\d+\\.)?\\d\\d?:\\d\\d?(:\\d\\d?(\\.\\d{1,7})?)?\\s*$') THEN
    (CASE WHEN s LIKE '%-%' THEN -1 ELSE 1 END) * (
    coalesce(TRY_CAST(regexp_extract(s, '(\\d+)\\.\\d+:', 1) AS BIGINT), 0) * 864000000000 +
    CAST(regexp_extract(s, '(\\d+):(\\d+)', 1) AS BIGINT) * 36000000000 +
    CAST(regexp_extract(s, '(\\d+):(\\d+)', 2) AS BIGINT) * 600000000 +
    coalesce(TRY_CAST(regexp_extract(s, ':\\d+:(\\d+)', 1) AS BIGINT), 0) * 10000000 +
    coalesce(TRY_CAST(rpad(regexp_extract(s, ':\\d+\\.(\\d+)', 1), 7, '0') AS BIGINT), 0)) END)`,
  `real_text(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN (CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END) ELSE x::VARCHAR END`,
  `member(x, path) AS CASE WHEN json_valid(x) THEN json_extract_string(x, path) END`,
  `dynamic_json(x) AS CASE WHEN x IS NULL THEN 'null'::JSON WHEN json_valid(x) THEN x::JSON ELSE to_json(x) END`,
  `elements(x) AS CASE WHEN NOT json_valid(x) THEN [x]
    WHEN json_type(x) = 'ARRAY' AND json_array_length(x) > 0 THEN json_extract_string(x, '$[*]')
    WHEN json_type(x) = 'ARRAY' THEN [NULL]
    WHEN json_type(x) = 'OBJECT' THEN list_transform(json_keys(x), lambda k: json_object(k, json_extract(x, '$."' || k || '"'))::VARCHAR)
    ELSE [x] END`,
  `has_term(x, term, head, tail) AS regexp_matches(x, head || regexp_escape(term) || tail)`,
  `floor_bin(x, size) AS floor(x / size) * size`,
  `tick_bin(x, size) AS x - floor_mod(x, size)`,
  `datetime_bin(x, size) AS x - floor_mod(x + ${EPOCH_TICKS}, size)`,
].map((macro) => `CREATE MACRO ${macro};`);

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
      return isText ? `parse_datetime(${sql})` : `CAST(${sql} AS BIGINT) - ${EPOCH_TICKS}`;
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
