import type { Syntax } from '../kusto.ts';
import { convert, decimalNumber, type Scalar, SQL_TYPES } from '../sql.ts';
import { EPOCH_TICKS } from '../ticks.ts';
import { untranslatable } from './syntax.ts';

/** SQL of an operator between two values; the node is its own, for the type and for what is refused. */
export type Binary = (left: Scalar, right: Scalar, node: Syntax) => string;

/** Brings both sides to one type, as a comparison needs them. */
export function alike(left: Scalar, right: Scalar): [string, string] {
  if (left.type === 'decimal' || right.type === 'decimal') return [decimalNumber(left), decimalNumber(right)];
  if (left.type === 'dynamic' && right.type !== 'dynamic') return [convert(left, right.type), right.sql];
  if (right.type === 'dynamic' && left.type !== 'dynamic') return [left.sql, convert(right, left.type)];
  return [left.sql, right.sql];
}

export function lower(value: Scalar): string {
  return `lower(${convert(value, 'string')})`;
}

/** Equality, which is false (not null) where only one side is null. Text is never null. */
export function equal(left: Scalar, right: Scalar): string {
  const [a, b] = alike(left, right);
  return left.type === 'string' || right.type === 'string' ? `(${a} = ${b})` : `equal(${a}, ${b})`;
}

const order =
  (operator: string): Binary =>
  (left, right) => {
    const [a, b] = alike(left, right);
    return `(${a} ${operator} ${b})`;
  };

const compute =
  (operator: string): Binary =>
  (left, right, node) => {
    const type = node.type || 'dynamic';
    if (type === 'decimal') {
      if (operator !== '+' && operator !== '-') throw untranslatable(node, `'${operator}' of decimals`);
      return `CAST(${decimalNumber(left)} ${operator} ${decimalNumber(right)} AS VARCHAR)`;
    }
    const [a, b] = [left, right].map((value) => (value.type === 'dynamic' ? convert(value, 'real') : value.sql));
    if (operator === '/' && type === 'long') return `(${a} // ${b})`;
    // Dates count from year 1 in Kusto and from 1970 here: only a difference of two is the same number.
    if (operator === '%' && left.type === 'datetime') return `floor_mod(${a} + ${EPOCH_TICKS}, ${b})`;
    const result = operator === '/' ? `(CAST(${a} AS DOUBLE) / ${b})` : `(${a} ${operator} ${b})`;
    return `CAST(${result} AS ${SQL_TYPES[type === 'dynamic' ? 'real' : type]})`;
  };

/** Comparisons and arithmetic by the parser's names. */
export const COMPARISONS: Readonly<Record<string, Binary>> = {
  EqualExpression: equal,
  NotEqualExpression: (left, right) => `(NOT ${equal(left, right)})`,
  EqualTildeExpression: (left, right) => `(${lower(left)} = ${lower(right)})`,
  BangTildeExpression: (left, right) => `(${lower(left)} <> ${lower(right)})`,
  LessThanExpression: order('<'),
  LessThanOrEqualExpression: order('<='),
  GreaterThanExpression: order('>'),
  GreaterThanOrEqualExpression: order('>='),
  AddExpression: compute('+'),
  SubtractExpression: compute('-'),
  MultiplyExpression: compute('*'),
  DivideExpression: compute('/'),
  ModuloExpression: compute('%'),
};

export function between(value: Scalar, low: Scalar, high: Scalar): string {
  const [left, from] = alike(value, low);
  if (value.type === 'datetime' && high.type === 'timespan') {
    return `(${left} BETWEEN ${from} AND ${from} + ${high.sql})`;
  }
  const [again, until] = alike(value, high);
  return `(${left} >= ${from} AND ${again} <= ${until})`;
}
