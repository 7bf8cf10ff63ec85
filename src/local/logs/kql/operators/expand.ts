import { convert } from '../../sql.ts';
import type { Operator } from '../context.ts';
import { scalar } from '../expression.ts';
import type { FrameColumn } from '../frame.ts';
import { nameOf, part, untranslatable } from '../syntax.ts';
import { find, resultColumns } from './columns.ts';

/** `mv-expand` of arrays and bags, side by side where there are several; a bag becomes one bag per key. */
export const mvExpand: Operator = (node, from, context) => {
  if ((node.child('Parameters')?.children.length ?? 0) > 0) throw untranslatable(node, 'this form of mv-expand');
  const result = resultColumns(node);
  const scope = context.scope(from);
  const limit = node.child('RowLimitClause')?.child('RowLimit');
  const items = part(node, 'Expressions').children;
  const given = items.map((item) => {
    const expression = part(item, 'Expression');
    return expression.kind === 'SimpleNamedExpression' ? nameOf(part(expression, 'Name')) : expression.symbol;
  });
  const known = new Set([...from.columns.map(({ name }) => name), ...given]);
  // The parser has named what the query does not.
  const unnamed = result.filter(({ name }) => !known.has(name));
  const made = items.map((item, index) => {
    const expression = part(item, 'Expression');
    const target = result.find(({ name }) => name === given[index]) ?? unnamed.shift();
    if (target === undefined) throw untranslatable(item, 'this item of mv-expand');
    const elements = `elements(${convert(scalar(expression, scope), 'dynamic')})`;
    const limited = limit === undefined ? elements : `list_slice(${elements}, 1, ${scalar(limit, scope).sql})`;
    return { target, limited, raw: context.fresh(), sql: context.fresh() };
  });
  const unnested = made.map(({ limited, raw }) => `unnest(${limited}) AS ${raw}`);
  const typed = made.map(({ target, raw, sql }) => `${convert({ sql: raw, type: 'dynamic' }, target.type)} AS ${sql}`);
  const columns = result.map(({ name }): FrameColumn => {
    const expanded = made.find(({ target }) => target.name === name);
    return expanded === undefined ? find(from, name, node) : { ...expanded.target, sql: expanded.sql, hidden: false };
  });
  const expanded = `SELECT *, ${unnested.join(', ')} FROM (${from.sql})`;
  return { ...from, sql: `SELECT *, ${typed.join(', ')} FROM (${expanded})`, columns };
};
