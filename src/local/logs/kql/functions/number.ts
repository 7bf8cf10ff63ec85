import { convert } from '../../sql.ts';
import { first, int32, NULL, type SqlFunction, type SqlFunctions, sqlOf, unary } from './argument.ts';

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

const isNull: SqlFunction = (args) => (first(args).type === 'string' ? 'false' : `(${sqlOf(args, 0)} IS NULL)`);

const bits =
  (write: (a: string, b: string) => string): SqlFunction =>
  (args) => {
    const [a = 'NULL', b = 'NULL'] = args.map((arg) => convert(arg, 'long'));
    return `(${write(a, b)})`;
  };

/** In two's complement: a negative number has all digits of its type. */
const toHex: SqlFunction = (args) => {
  const { sql, type } = first(args);
  const number = type === 'int' ? `(CAST(${sql} AS BIGINT) & 4294967295)` : sql;
  const digits = `lower(to_hex(CAST(${number} AS BIGINT)))`;
  const shown =
    args.length > 1
      ? `lpad(${digits}, CAST(greatest(length(${digits}), least(16, ${int32(args, 1)})) AS INTEGER), '0')`
      : digits;
  return `coalesce(${shown}, '')`;
};

const power: SqlFunction = (args) => `pow(${convert(first(args), 'real')}, ${convert(args[1] ?? NULL, 'real')})`;

const toReal =
  (name: string): SqlFunction =>
  (args) =>
    `${name}(${convert(first(args), 'real')})`;

/** Functions of numbers and of any value by their Kusto names. */
export const NUMBER_FUNCTIONS: SqlFunctions = {
  abs: unary('abs'),
  bin,
  binary_and: bits((a, b) => `${a} & ${b}`),
  binary_not: bits((a) => `~${a}`),
  binary_or: bits((a, b) => `${a} | ${b}`),
  binary_shift_right: bits((a, b) => `${a} >> ${b}`),
  binary_xor: bits((a, b) => `xor(${a}, ${b})`),
  case: choose,
  ceiling: unary('ceil'),
  coalesce: (args, type) =>
    `coalesce(${args.map((arg) => (type === 'string' ? `nullif(${arg.sql}, '')` : convert(arg, type))).join(', ')})`,
  exp: toReal('exp'),
  floor: bin,
  iff: choose,
  iif: choose,
  isfinite: unary('isfinite'),
  isinf: unary('isinf'),
  isnan: unary('isnan'),
  isnotnull: (args, type) => `(NOT ${isNull(args, type)})`,
  isnull: isNull,
  log: toReal('ln'),
  log10: toReal('log10'),
  log2: toReal('log2'),
  max_of: (args, type) => `greatest(${args.map((arg) => convert(arg, type)).join(', ')})`,
  min_of: (args, type) => `least(${args.map((arg) => convert(arg, type)).join(', ')})`,
  not: (args) => `(NOT ${sqlOf(args, 0)})`,
  pow: power,
  round: (args) => `round(${sqlOf(args, 0)}${args.length > 1 ? `, ${int32(args, 1)}` : ''})`,
  sign: (args) => `CAST(sign(${sqlOf(args, 0)}) AS DOUBLE)`,
  sqrt: toReal('sqrt'),
  tohex: toHex,
};
