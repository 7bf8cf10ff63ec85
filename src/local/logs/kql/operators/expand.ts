import type { Syntax } from '../../kusto.ts';
import { convert } from '../../sql.ts';
import type { Operator } from '../context.ts';
import { scalar } from '../expression.ts';
import type { FrameColumn } from '../frame.ts';
import { nameOf, part, untranslatable } from '../syntax.ts';
import { find, resultColumns } from './columns.ts';

/** What stands behind `mv-expand`, by name: `kind=array with_itemindex=Index`. */
function parametersOf(node: Syntax): { readonly isArray: boolean; readonly index: string | undefined } {
  const given = new Map(
    (node.child('Parameters')?.children ?? []).map(({ children }) => [children[0]?.text, children.at(-1)?.text]),
  );
  return { isArray: (given.get('kind') ?? given.get('bagexpansion')) === 'array', index: given.get('with_itemindex') };
}

/**
 * `mv-expand` of arrays and bags, side by side where there are several. A bag becomes one bag per key, or one array of
 * key and value.
 */
export const mvExpand: Operator = (node, from, context) => {
  const { isArray, index: indexName } = parametersOf(node);
  const result = resultColumns(node);
  const scope = context.scope(from);
  const limit = node.child('RowLimitClause')?.child('RowLimit');
  const items = part(node, 'Expressions').children;
  const given = items.map((item) => {
    const expression = part(item, 'Expression');
    return expression.kind === 'SimpleNamedExpression' ? nameOf(part(expression, 'Name')) : expression.symbol;
  });
  const known = new Set([...from.columns.map(({ name }) => name), ...given, indexName]);
  // The parser has named what the query does not.
  const unnamed = result.filter(({ name }) => !known.has(name));
  const made = items.map((item, index) => {
    const expression = part(item, 'Expression');
    const target = result.find(({ name }) => name === given[index]) ?? unnamed.shift();
    if (target === undefined) throw untranslatable(item, 'this item of mv-expand');
    const elements = `${isArray ? 'element_pairs' : 'elements'}(${convert(scalar(expression, scope), 'dynamic')})`;
    const limited = limit === undefined ? elements : `list_slice(${elements}, 1, ${scalar(limit, scope).sql})`;
    return { target, limited, raw: context.fresh(), sql: context.fresh() };
  });
  const itemIndex = context.fresh();
  const lengths = made.map(({ limited }) => `len(${limited})`);
  const unnested = made.map(({ limited, raw }) => `unnest(${limited}) AS ${raw}`);
  const typed = made.map(({ target, raw, sql }) => `${convert({ sql: raw, type: 'dynamic' }, target.type)} AS ${sql}`);
  const columns = result.map(({ name }): FrameColumn => {
    if (name === indexName) return { name, type: 'long', sql: itemIndex, hidden: false };
    const expanded = made.find(({ target }) => target.name === name);
    return expanded === undefined ? find(from, name, node) : { ...expanded.target, sql: expanded.sql, hidden: false };
  });
  if (indexName !== undefined) unnested.push(`unnest(range(greatest(${lengths.join(', ')}))) AS ${itemIndex}`);
  const expanded = `SELECT *, ${unnested.join(', ')} FROM (${from.sql})`;
  return { ...from, sql: `SELECT *, ${typed.join(', ')} FROM (${expanded})`, columns };
};
