import type { Syntax } from '../../kusto.ts';
import { type Scalar, SQL_TYPES } from '../../sql.ts';
import { alike } from '../compare.ts';
import type { Context, Operator } from '../context.ts';
import { type Frame, type FrameColumn, NO_INGESTION_TIME } from '../frame.ts';
import { nameOf, parameter, part, untranslatable } from '../syntax.ts';
import { find, resultColumns } from './columns.ts';

/** SQL of the joins whose rows have both sides, and which side may be missing. */
const JOINS: Readonly<Record<string, string>> = {
  innerunique: 'JOIN',
  inner: 'JOIN',
  leftouter: 'LEFT JOIN',
  rightouter: 'RIGHT JOIN',
  fullouter: 'FULL JOIN',
};

/** Joins that only choose rows of one side. */
const CHOICES: Readonly<Record<string, { readonly right: boolean; readonly not: string }>> = {
  leftsemi: { right: false, not: '' },
  rightsemi: { right: true, not: '' },
  leftanti: { right: false, not: 'NOT ' },
  anti: { right: false, not: 'NOT ' },
  leftantisemi: { right: false, not: 'NOT ' },
  rightanti: { right: true, not: 'NOT ' },
  rightantisemi: { right: true, not: 'NOT ' },
};

/** The columns of both sides that are to be equal. */
interface Keys {
  readonly left: FrameColumn;
  readonly right: FrameColumn;
}

/** `join`: the columns of both sides, one after the other; the parser has renamed those that were there twice. */
export const join: Operator = (node, from, context) => {
  const kind = parameter(node, 'kind') ?? 'innerunique';
  const other = context.tabular(part(node, 'Expression'));
  const [left, right] = [alias(from, context), alias(other, context)];
  const keys = keysOf(part(node, 'ConditionClause'), left, right);
  const choice = CHOICES[kind];
  if (choice !== undefined) {
    const [kept, tested] = choice.right ? [right, left] : [left, right];
    const matched = `EXISTS (SELECT 1 FROM (${tested.sql}) WHERE ${conditionOf(keys)})`;
    return { ...kept, sql: `SELECT * FROM (${kept.sql}) WHERE ${choice.not}${matched}` };
  }
  const operator = JOINS[kind];
  if (operator === undefined) throw untranslatable(node, `join kind=${kind}`);
  const unique = kind === 'innerunique' ? firstOfEach(left, keys) : left.sql;
  return joined(node, operator, { ...left, sql: unique }, right, keys, right.columns);
};

/** `lookup`: a join without the right side's keys. */
export const lookup: Operator = (node, from, context) => {
  const kind = parameter(node, 'kind') ?? 'leftouter';
  const operator = { leftouter: 'LEFT JOIN', inner: 'JOIN' }[kind];
  if (operator === undefined) throw untranslatable(node, `lookup kind=${kind}`);
  const [left, right] = [alias(from, context), alias(context.tabular(part(node, 'Expression')), context)];
  const keys = keysOf(part(node, 'LookupClause'), left, right);
  const rest = right.columns.filter((column) => keys.every((key) => key.right !== column));
  return joined(node, operator, left, right, keys, rest);
};

/** A frame whose SQL names are of this query alone, so that two can stand side by side. */
function alias(frame: Frame, context: Context): Frame {
  const columns = frame.columns.map((column) => ({ ...column, sql: context.fresh() }));
  const selected = columns.map(({ sql }, index) => `${frame.columns[index]?.sql} AS ${sql}`);
  return { sql: `SELECT ${selected.join(', ')} FROM (${frame.sql})`, columns, ingested: NO_INGESTION_TIME };
}

/** Keys of `on Name, $left.Id == $right.Key`. */
function keysOf(clause: Syntax, left: Frame, right: Frame): Keys[] {
  return part(clause, 'Expressions').children.map((condition) => {
    if (condition.kind === 'NameReference') {
      const name = nameOf(condition);
      return { left: find(left, name, condition), right: find(right, name, condition) };
    }
    if (condition.kind !== 'EqualExpression') throw untranslatable(condition, 'this condition of a join');
    const sides = [part(condition, 'Left'), part(condition, 'Right')];
    const [onLeft, onRight] = ['$left', '$right'].map((side) => sides.find(({ text }) => text.startsWith(side)));
    if (onLeft === undefined || onRight === undefined) throw untranslatable(condition, 'this condition of a join');
    const name = (side: Syntax): string => nameOf(part(side, 'Selector'));
    return { left: find(left, name(onLeft), condition), right: find(right, name(onRight), condition) };
  });
}

function conditionOf(keys: readonly Keys[]): string {
  return keys.map(({ left, right }) => alike(left, right).join(' = ')).join(' AND ');
}

/** One row for each key: the default join drops the others of its left side. */
function firstOfEach(frame: Frame, keys: readonly Keys[]): string {
  const partition = keys.map(({ left }) => left.sql).join(', ');
  return `SELECT * FROM (${frame.sql}) QUALIFY row_number() OVER (PARTITION BY ${partition}) = 1`;
}

function joined(
  node: Syntax,
  operator: string,
  left: Frame,
  right: Frame,
  keys: readonly Keys[],
  rightColumns: readonly FrameColumn[],
): Frame {
  const sources = [...left.columns, ...rightColumns];
  const names = resultColumns(node);
  if (names.length !== sources.length) throw untranslatable(node, 'this form of join');
  const columns = sources.map((source, index) => ({ ...source, name: names[index]?.name ?? source.name }));
  const selected = columns.map((column) => `${filled(column)} AS ${column.sql}`);
  const both = `(${left.sql}) AS l ${operator} (${right.sql}) AS r ON ${conditionOf(keys)}`;
  return { sql: `SELECT ${selected.join(', ')} FROM ${both}`, columns, ingested: NO_INGESTION_TIME };
}

/** Text is never null, also not where a side is missing. */
function filled({ sql, type }: Scalar): string {
  return type === 'string' ? `coalesce(${sql}, '')` : `CAST(${sql} AS ${SQL_TYPES[type]})`;
}
