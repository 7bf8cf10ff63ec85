import { convert, type Scalar } from '../sql.ts';
import { alike, equal, lower } from './compare.ts';
import type { Frame } from './frame.ts';

/** One item of `in (...)`: a value, a dynamic array of values, or the first column of a table. */
export type Item = { readonly value: Scalar } | { readonly table: Frame };

/** `in`, `!in` and, with `fold`, the kinds that ignore case. It behaves as equality joined by `or`, also for nulls. */
export function isIn(left: Scalar, items: readonly Item[], fold: boolean): string {
  const each = items.map((item) => {
    if ('table' in item) return inTable(left, item.table, fold);
    if (item.value.type === 'dynamic') return inArray(left, item.value, fold);
    return fold ? `${lower(left)} = ${lower(item.value)}` : equal(left, item.value);
  });
  return `(${each.join(' OR ')})`;
}

function inTable(left: Scalar, table: Frame, fold: boolean): string {
  const [column] = table.columns.filter(({ hidden }) => !hidden);
  if (column === undefined) return 'false';
  const [value, other] = fold ? [lower(left), lower(column)] : alike(left, column);
  return `coalesce(${value} IN (SELECT ${other} FROM (${table.sql}) WHERE ${other} IS NOT NULL), false)`;
}

function inArray(left: Scalar, array: Scalar, fold: boolean): string {
  if (fold) return `list_contains(elements(lower(${array.sql})), ${lower(left)})`;
  const type = left.type === 'dynamic' ? 'string' : left.type;
  const element = convert({ sql: 'element', type: 'dynamic' }, type);
  const elements = `list_transform(elements(${array.sql}), lambda element: ${element})`;
  return `coalesce(list_contains(${elements}, ${convert(left, type)}), false)`;
}
