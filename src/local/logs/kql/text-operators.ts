import { convert, quoteText, type Scalar } from '../sql.ts';
import { type Binary, lower } from './compare.ts';

type TextOperator = (left: string, right: string) => string;

const term =
  (head: string, tail: string): TextOperator =>
  (left, right) =>
    `has_term(${left}, ${right}, ${quoteText(head)}, ${quoteText(tail)})`;
const HEAD = '(^|[^0-9A-Za-z])';
const TAIL = '([^0-9A-Za-z]|$)';

const has = term(HEAD, TAIL);

/** By the parser's names, without `Not` and `Cs`; the case has been folded where it does not count. */
const TEXT_OPERATORS: Readonly<Record<string, TextOperator>> = {
  Contains: (left, right) => `contains(${left}, ${right})`,
  StartsWith: (left, right) => `starts_with(${left}, ${right})`,
  EndsWith: (left, right) => `ends_with(${left}, ${right})`,
  Has: has,
  HasPrefix: term(HEAD, ''),
  HasSuffix: term('', TAIL),
};

/** An operator on text, or undefined for any other kind of expression. */
export function textOperator(kind: string): Binary | undefined {
  if (kind === 'MatchesRegexExpression') {
    return (left, right) => `regexp_matches(${convert(left, 'string')}, ${right.sql})`;
  }
  const match = /^(Not)?([A-Za-z]+?)(Cs)?Expression$/.exec(kind);
  const operator = TEXT_OPERATORS[match?.[2] ?? ''];
  if (match === null || operator === undefined) return undefined;
  return (...sides) => {
    const [left = '', right = ''] = sides.slice(0, 2).map((side) => {
      const value = side as Scalar;
      return match[3] === undefined ? lower(value) : convert(value, 'string');
    });
    return `(${match[1] === undefined ? '' : 'NOT '}${operator(left, right)})`;
  };
}

/** `has_any` and `has_all`; an item may be a dynamic array. */
export function hasTerms(left: Scalar, items: readonly Scalar[], all: boolean): string {
  const text = lower(left);
  const each = items.map((item) => {
    if (item.type !== 'dynamic') return has(text, lower(item));
    const found = `list_transform(elements(${item.sql}), lambda term: ${has(text, 'lower(term)')})`;
    return all ? `(NOT list_contains(${found}, false))` : `list_contains(${found}, true)`;
  });
  return `(${each.join(all ? ' AND ' : ' OR ')})`;
}
