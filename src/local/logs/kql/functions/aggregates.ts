import { convert, decimalNumber, json } from '../../sql.ts';
import { first, NULL, type SqlFunction, type SqlFunctions, sqlOf } from './argument.ts';

/** The condition of `sumif()` and the like, the argument at this index. */
const when = (args: Parameters<SqlFunction>[0], index: number): string =>
  args.length > index ? ` FILTER (${sqlOf(args, index)})` : '';

/** `sum`, `avg`... over the number behind a value, back in the type that the parser expects. */
const fold =
  (name: string, empty = ''): SqlFunction =>
  (args, type) => {
    const value = first(args);
    const filter = when(args, 1);
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
      : `${name}(${convert(first(args), type)})${when(args, 1)}`;

const list =
  (distinct: string, conditional: boolean): SqlFunction =>
  (args) => {
    const condition = conditional ? ` AND ${sqlOf(args, 1)}` : '';
    if (args.length > (conditional ? 2 : 1)) return undefined;
    const items = `list(${distinct}${json(first(args))}) FILTER (${sqlOf(args, 0)} IS NOT NULL${condition})`;
    return `coalesce(to_json(${items})::VARCHAR, '[]')`;
  };

const percentile: SqlFunction = (args) => `quantile_disc(${sqlOf(args, 0)}, ${sqlOf(args, 1)} / 100.0)`;

const bits =
  (name: string): SqlFunction =>
  (args) =>
    `${name}(${convert(first(args), 'long')})`;

/** Aggregates of `summarize` by their Kusto names. */
export const AGGREGATES: SqlFunctions = {
  any: (args) => `any_value(${sqlOf(args, 0)})`,
  avg: fold('avg'),
  avgif: fold('avg'),
  binary_all_and: bits('bit_and'),
  binary_all_or: bits('bit_or'),
  binary_all_xor: bits('bit_xor'),
  count: () => 'count(*)',
  count_distinct: (args) => `count(DISTINCT ${sqlOf(args, 0)})`,
  countif: (args) => `count(*) FILTER (${sqlOf(args, 0)})`,
  dcount: (args) => `count(DISTINCT ${sqlOf(args, 0)})`,
  dcountif: (args) => `count(DISTINCT ${sqlOf(args, 0)})${when(args, 1)}`,
  make_list: list('', false),
  make_list_if: list('', true),
  make_set: list('DISTINCT ', false),
  make_set_if: list('DISTINCT ', true),
  max: extreme('max'),
  maxif: extreme('max'),
  min: extreme('min'),
  minif: extreme('min'),
  percentile,
  stdev: (args) => `stddev_samp(${convert(args[0] ?? NULL, 'real')})`,
  sum: fold('sum', '0'),
  sumif: fold('sum', '0'),
  take_any: (args) => `any_value(${sqlOf(args, 0)})`,
  variance: (args) => `var_samp(${convert(args[0] ?? NULL, 'real')})`,
};
