import type { Column, Syntax } from '../../kusto.ts';
import { convert } from '../../sql.ts';
import type { Context, Operator } from '../context.ts';
import { scalar } from '../expression.ts';
import type { Frame, FrameColumn } from '../frame.ts';
import { nameOf, part, untranslatable } from '../syntax.ts';

/** Carried through projections beside the columns that are asked for. */
export const CARRIED = '"$carried"';

/** The columns that the parser found behind an operator. */
export function resultColumns(node: Syntax): readonly Column[] {
  return node.columns ?? [];
}

export function find(frame: Frame, name: string, node: Syntax): FrameColumn {
  const column = frame.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw untranslatable(node, `the column '${name}' here`);
  return column;
}

/** Columns under names of this query's own, and the SQL that selects them. */
export interface Computed {
  readonly columns: FrameColumn[];
  readonly selected: string[];
}

/** Named expressions as SQL, with the columns that they make. The names are those that the parser chose. */
export function compute(nodes: readonly Syntax[], names: readonly Column[], from: Frame, context: Context): Computed {
  const scope = context.scope(from);
  const columns: FrameColumn[] = [];
  const selected = nodes.map((node, index) => {
    const { name, type } = names[index] ?? { name: '', type: 'dynamic' };
    if (node.kind === 'CompoundNamedExpression') throw untranslatable(node, 'several names for one expression');
    const value = scalar(node, scope);
    const sql = context.fresh();
    columns.push({ name, type, sql, hidden: false });
    return `${value.type === type ? value.sql : convert(value, type)} AS ${sql}`;
  });
  return { columns, selected };
}

export const extend: Operator = (node, from, context) => {
  const items = node.child('Expressions')?.children ?? [];
  const result = resultColumns(node);
  const given = items.map((item) => (item.kind === 'SimpleNamedExpression' ? nameOf(part(item, 'Name')) : item.symbol));
  const known = new Set([...from.columns.map(({ name }) => name), ...given]);
  const unnamed = result.filter(({ name }) => !known.has(name));
  const names = items.map((item, index): Column => {
    const name = given[index] ?? '';
    const column = result.find((candidate) => candidate.name === name) ?? unnamed.shift();
    if (column === undefined) throw untranslatable(item, 'this item of extend');
    return column;
  });
  const made = compute(items, names, from, context);
  if (made.selected.length === 0) return from;
  const columns = result.map(
    ({ name }) => made.columns.findLast((column) => column.name === name) ?? find(from, name, node),
  );
  return { ...from, sql: `SELECT *, ${made.selected.join(', ')} FROM (${from.sql})`, columns };
};

export const project: Operator = (node, from, context) => {
  const items = node.child('Expressions')?.children ?? [];
  const made = compute(items, resultColumns(node), from, context);
  const selected = [...made.selected, `${from.ingested} AS ${CARRIED}`];
  return { sql: `SELECT ${selected.join(', ')} FROM (${from.sql})`, columns: made.columns, ingested: CARRIED };
};

/** `project-away`, `-keep` and `-reorder` only choose: a column stays hidden unless it is named in full. */
export const pick: Operator = (node, from) => {
  const named = new Set(part(node, 'Expressions').children.map((item) => item.text.split(/\s/)[0]));
  const columns = resultColumns(node).map(({ name }) => {
    const column = find(from, name, node);
    return named.has(name) ? { ...column, hidden: false } : column;
  });
  return { ...from, columns };
};

export const rename: Operator = (node, from) => {
  const names = new Map(
    part(node, 'Expressions').children.map((item) => [nameOf(part(item, 'Expression')), nameOf(part(item, 'Name'))]),
  );
  const columns = from.columns.map((column) => {
    const name = names.get(column.name);
    return name === undefined ? column : { ...column, name, hidden: false };
  });
  return { ...from, columns };
};
