import { type ColumnType, KqlError } from './kusto.ts';
import { convert, decimalNumber, json, quoteText, type Scalar } from './sql.ts';

/** SQL of a function call, from its arguments and the type that the parser gave the call. */
export type SqlFunction = (args: readonly Scalar[], type: ColumnType) => string;

const NULL: Scalar = { sql: 'NULL', type: 'dynamic' };

const first = (args: readonly Scalar[]): Scalar => args[0] ?? NULL;
const sqlOf = (args: readonly Scalar[], index: number): string => (args[index] ?? NULL).sql;
const int32 = (args: readonly Scalar[], at: number): string => `CAST(${sqlOf(args, at)} AS INTEGER)`;
const text = (args: readonly Scalar[], index: number): string => convert(args[index] ?? NULL, 'string');
const to: SqlFunction = (args, type) => convert(first(args), type);

/** One argument, through an SQL function of this name. */
const unary =
  (name: string): SqlFunction =>
  (args) =>
    `${name}(${sqlOf(args, 0)})`;

const bin: SqlFunction = (args) => {
  const [value, size] = [first(args), sqlOf(args, 1)];
  if (args.length < 2) return `floor(${value.sql})`;
  if (value.type === 'datetime') return `datetime_bin(${value.sql}, ${size})`;
  const whole = value.type !== 'real' && args[1]?.type !== 'real';
  return `${whole ? 'tick_bin' : 'floor_bin'}(${value.sql}, ${size})`;
};

const choose: SqlFunction = (args, type) => {
  const branches: string[] = [];
  for (let index = 0; index + 1 < args.length; index += 2) {
    branches.push(`WHEN ${sqlOf(args, index)} THEN ${convert(args[index + 1] ?? NULL, type)}`);
  }
  return `(CASE ${branches.join(' ')} ELSE ${convert(args.at(-1) ?? NULL, type)} END)`;
};

const isEmpty: SqlFunction = (args) => `(${text(args, 0)} = '')`;
const isNull: SqlFunction = (args) => (first(args).type === 'string' ? 'false' : `(${sqlOf(args, 0)} IS NULL)`);
const not =
  (positive: SqlFunction): SqlFunction =>
  (args, type) =>
    `(NOT ${positive(args, type)})`;

const hash: SqlFunction = (args) =>
  `CAST(hash(${text(args, 0)}) % ${args.length > 1 ? sqlOf(args, 1) : '9223372036854775807'} AS BIGINT)`;

const extract: SqlFunction = (args, type) => {
  const found = `regexp_extract(${text(args, 2)}, ${sqlOf(args, 0)}, ${int32(args, 1)})`;
  return convert({ sql: found, type: 'string' }, type);
};

const split: SqlFunction = (args) => {
  const parts = `string_split(${text(args, 0)}, ${text(args, 1)})`;
  return `to_json(${args.length > 2 ? `list_slice(${parts}, ${sqlOf(args, 2)} + 1, ${sqlOf(args, 2)} + 1)` : parts})::VARCHAR`;
};

const dataSize: SqlFunction = (args) =>
  `CAST(${args.map(({ sql, type }) => (['string', 'dynamic'].includes(type) ? `coalesce(strlen(${sql}), 0)` : '8')).join(' + ')} AS BIGINT)`;

const FORMATS: Readonly<Record<string, string>> = {
  yyyy: '%Y',
  yy: '%y',
  MM: '%m',
  dd: '%d',
  HH: '%H',
  hh: '%I',
  mm: '%M',
  ss: '%S',
  fff: '%g',
  ffffff: '%f',
  tt: '%p',
};

const formatDatetime: SqlFunction = (args) =>
  `strftime(make_timestamp(${sqlOf(args, 0)} // 10), ${sqlOf(args, 1).replace(/y+|M+|d+|H+|h+|m+|s+|f+|t+/g, (part) => FORMATS[part] ?? part)})`;

const PERIODS: Readonly<Record<string, string>> = {
  "'week'": '6048000000000',
  "'day'": '864000000000',
  "'hour'": '36000000000',
  "'minute'": '600000000',
  "'second'": '10000000',
  "'millisecond'": '10000',
  "'microsecond'": '10',
};

const datetimeDiff: SqlFunction = (args) => {
  const period = PERIODS[sqlOf(args, 0).toLowerCase()];
  if (period === undefined) {
    const message = `The local Logs emulator does not translate datetime_diff() by ${sqlOf(args, 0)}.`;
    throw new KqlError('SemanticError', message, 0);
  }
  return `((datetime_bin(${sqlOf(args, 1)}, ${period}) - datetime_bin(${sqlOf(args, 2)}, ${period})) // ${period})`;
};

/** Scalar functions by their Kusto names. */
export const FUNCTIONS: Readonly<Record<string, SqlFunction>> = {
  abs: unary('abs'),
  array_length: (args) => `json_array_length(nullif(${sqlOf(args, 0)}, ''))`,
  bag_keys: (args) => `CASE WHEN json_valid(${sqlOf(args, 0)}) THEN to_json(json_keys(${sqlOf(args, 0)}))::VARCHAR END`,
  bag_pack: (args) => `json_object(${args.map(json).join(', ')})::VARCHAR`,
  bin,
  case: choose,
  ceiling: unary('ceil'),
  coalesce: (args, type) =>
    `coalesce(${args.map((arg) => (type === 'string' ? `nullif(${arg.sql}, '')` : convert(arg, type))).join(', ')})`,
  datetime_diff: datetimeDiff,
  estimate_data_size: dataSize,
  extract,
  floor: bin,
  format_datetime: formatDatetime,
  hash,
  hash_xxhash64: hash,
  iff: choose,
  iif: choose,
  indexof: (args) => `CAST(instr(${text(args, 0)}, ${text(args, 1)}) - 1 AS BIGINT)`,
  isempty: isEmpty,
  isfinite: unary('isfinite'),
  isinf: unary('isinf'),
  isnan: unary('isnan'),
  isnotempty: not(isEmpty),
  isnotnull: not(isNull),
  isnull: isNull,
  max_of: (args, type) => `greatest(${args.map((arg) => convert(arg, type)).join(', ')})`,
  min_of: (args, type) => `least(${args.map((arg) => convert(arg, type)).join(', ')})`,
  not: (args) => `(NOT ${sqlOf(args, 0)})`,
  pack_array: (args) => `json_array(${args.map(json).join(', ')})::VARCHAR`,
  parse_json: to,
  replace_string: (args) => `replace(${text(args, 0)}, ${text(args, 1)}, ${text(args, 2)})`,
  round: (args) => `round(${sqlOf(args, 0)}${args.length > 1 ? `, ${int32(args, 1)}` : ''})`,
  split,
  startofday: (args) => `datetime_bin(${sqlOf(args, 0)}, 864000000000)`,
  strcat: (args) => `(${args.map((_, index) => text(args, index)).join(' || ')})`,
  strlen: (args) => `length(${text(args, 0)})`,
  substring: (args) =>
    `substring(${text(args, 0)}, ${sqlOf(args, 1)} + 1${args.length > 2 ? `, ${sqlOf(args, 2)}` : ''})`,
  tobool: to,
  toboolean: to,
  todatetime: to,
  todecimal: to,
  todouble: to,
  todynamic: to,
  toguid: to,
  toint: to,
  tolong: to,
  tolower: (args) => `lower(${text(args, 0)})`,
  toreal: to,
  tostring: to,
  totimespan: to,
  toupper: (args) => `upper(${text(args, 0)})`,
};

/** `sum`, `avg`... over the number behind a value, back in the type that the parser expects. */
const fold =
  (name: string, empty = ''): SqlFunction =>
  (args, type) => {
    const value = first(args);
    const filter = args.length > 1 ? ` FILTER (${sqlOf(args, 1)})` : '';
    if (type === 'decimal') return `CAST(${name}(${decimalNumber(value)})${filter} AS VARCHAR)`;
    const number = value.type === 'dynamic' ? convert(value, 'real') : value.sql;
    const result = type === 'real' ? 'DOUBLE' : 'BIGINT';
    const folded = `CAST(${name}(${number})${filter} AS ${result})`;
    return empty === '' ? folded : `coalesce(${folded}, ${empty})`;
  };

const extreme =
  (name: string): SqlFunction =>
  (args, type) =>
    type === 'decimal'
      ? `CAST(${name}(${decimalNumber(first(args))}) AS VARCHAR)`
      : `${name}(${convert(first(args), type)})${args.length > 1 ? ` FILTER (${sqlOf(args, 1)})` : ''}`;

const list =
  (distinct: string): SqlFunction =>
  (args) =>
    `coalesce(to_json(list(${distinct}${json(first(args))}) FILTER (${sqlOf(args, 0)} IS NOT NULL))::VARCHAR, '[]')`;

/** Aggregates of `summarize` by their Kusto names. */
export const AGGREGATES: Readonly<Record<string, SqlFunction>> = {
  any: (args) => `any_value(${sqlOf(args, 0)})`,
  avg: fold('avg'),
  avgif: fold('avg'),
  count: () => 'count(*)',
  countif: (args) => `count(*) FILTER (${sqlOf(args, 0)})`,
  dcount: (args) => `count(DISTINCT ${sqlOf(args, 0)})`,
  make_list: list(''),
  make_set: list('DISTINCT '),
  max: extreme('max'),
  maxif: extreme('max'),
  min: extreme('min'),
  minif: extreme('min'),
  percentile: (args) => `quantile_disc(${sqlOf(args, 0)}, ${sqlOf(args, 1)} / 100.0)`,
  sum: fold('sum', '0'),
  sumif: fold('sum', '0'),
  take_any: (args) => `any_value(${sqlOf(args, 0)})`,
};

type SqlOperator = (left: string, right: string) => string;

const term =
  (head: string, tail: string): SqlOperator =>
  (left, right) =>
    `has_term(${left}, ${right}, ${quoteText(head)}, ${quoteText(tail)})`;
const HEAD = '(^|[^0-9A-Za-z])';
const TAIL = '([^0-9A-Za-z]|$)';

/** Operators on text by the parser's names, without `Not` and `Cs`; the caller has folded the case. */
export const TEXT_OPERATORS: Readonly<Record<string, SqlOperator>> = {
  Contains: (left, right) => `contains(${left}, ${right})`,
  StartsWith: (left, right) => `starts_with(${left}, ${right})`,
  EndsWith: (left, right) => `ends_with(${left}, ${right})`,
  Has: term(HEAD, TAIL),
  HasPrefix: term(HEAD, ''),
  HasSuffix: term('', TAIL),
};
