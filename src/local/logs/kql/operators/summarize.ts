import type { Column, Syntax } from '../../kusto.ts';
import type { Context, Operator } from '../context.ts';
import { scalar } from '../expression.ts';
import { type Frame, NO_INGESTION_TIME } from '../frame.ts';
import { part, untranslatable } from '../syntax.ts';
import { type Computed, compute, find, resultColumns } from './columns.ts';

export const summarize: Operator = (node, from, context) => {
  const by = node.child('ByClause')?.child('Expressions')?.children ?? [];
  const names = [...resultColumns(node)];
  const made = [compute(by, names.splice(0, by.length), from, context)];
  for (const aggregate of node.child('Aggregates')?.children ?? []) {
    const several = aggregate.columns;
    made.push(
      several === undefined
        ? compute([aggregate], names.splice(0, 1), from, context)
        : aggregateSeveral(aggregate, names.splice(0, several.length), from, context),
    );
  }
  const selected = made.flatMap((each) => each.selected);
  if (selected.length !== resultColumns(node).length) throw untranslatable(node, 'this form of summarize');
  const group = by.length === 0 ? '' : ` GROUP BY ${by.map((_, index) => index + 1).join(', ')}`;
  const sql = `SELECT ${selected.join(', ')} FROM (${from.sql})${group}`;
  return { sql, columns: made.flatMap((each) => each.columns), ingested: NO_INGESTION_TIME };
};

/** `arg_max(by, *)` and its kin: aggregates that make several columns. */
function aggregateSeveral(node: Syntax, names: readonly Column[], from: Frame, context: Context): Computed {
  const name = node.child('Name')?.text ?? '';
  const args = node.child('ArgumentList')?.child('Expressions')?.children ?? [];
  const scope = context.scope(from);
  const first = args[0] && args[0].kind !== 'StarExpression' ? scalar(args[0], scope).sql : undefined;
  const best = { arg_max: 'max', arg_min: 'min' }[name];
  const aggregate = (column: Column, index: number): string => {
    if (best !== undefined && first !== undefined) {
      return index === 0 ? `${best}(${first})` : `${name}_null(${find(from, column.name, node).sql}, ${first})`;
    }
    if (name === 'take_any' || name === 'any') return `any_value(${find(from, column.name, node).sql})`;
    const fraction = args[index + 1];
    if (name !== 'percentiles' || fraction === undefined) throw untranslatable(node, `this form of ${name}()`);
    return `quantile_disc(${first}, ${scalar(fraction, scope).sql} / 100.0)`;
  };
  const columns = names.map(({ name: own, type }) => ({
    name: own,
    type,
    sql: context.fresh(),
    hidden: from.columns.some((column) => column.name === own && column.hidden),
  }));
  return { columns, selected: columns.map((column, index) => `${aggregate(column, index)} AS ${column.sql}`) };
}

export const distinct: Operator = (node, from, context) => {
  const items = part(node, 'Expressions').children;
  const star = items.some(({ kind }) => kind === 'StarExpression');
  const visible = from.columns.filter(({ hidden }) => !hidden);
  const made = star
    ? { columns: visible, selected: visible.map(({ sql }) => sql) }
    : compute(items, resultColumns(node), from, context);
  const sql = `SELECT DISTINCT ${made.selected.join(', ')} FROM (${from.sql})`;
  return { sql, columns: made.columns, ingested: NO_INGESTION_TIME };
};
