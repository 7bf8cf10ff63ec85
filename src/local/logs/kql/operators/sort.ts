import type { Syntax } from '../../kusto.ts';
import type { Context, Operator } from '../context.ts';
import { scalar } from '../expression.ts';
import type { Frame } from '../frame.ts';
import { part } from '../syntax.ts';

export const sort: Operator = (node, from, context) => {
  const keys = part(node, 'Expressions').children.map((key) => ordering(key, from, context));
  return { ...from, sql: `SELECT * FROM (${from.sql}) ORDER BY ${keys.join(', ')}` };
};

export const take: Operator = (node, from, context) => ({
  ...from,
  sql: `SELECT * FROM (${from.sql}) LIMIT ${scalar(part(node, 'Expression'), context.scope(from)).sql}`,
});

export const top: Operator = (node, from, context) => {
  const limit = scalar(part(node, 'Expression'), context.scope(from)).sql;
  const key = ordering(part(node, 'ByExpression'), from, context);
  return { ...from, sql: `SELECT * FROM (${from.sql}) ORDER BY ${key} LIMIT ${limit}` };
};

/** Kusto sorts downwards unless told, and nulls are the smallest value. */
function ordering(node: Syntax, from: Frame, context: Context): string {
  const key = node.kind === 'OrderedExpression' ? part(node, 'Expression') : node;
  const clause = node.child('Ordering');
  const direction = clause?.child('AscOrDescKeyword')?.text === 'asc' ? 'ASC' : 'DESC';
  const nulls = clause?.child('NullsClause')?.child('FirstOrLastKeyword')?.text;
  const place = nulls ?? (direction === 'ASC' ? 'first' : 'last');
  return `${scalar(key, context.scope(from)).sql} ${direction} NULLS ${place.toUpperCase()}`;
}
