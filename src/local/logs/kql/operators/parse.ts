import type { ColumnType, Syntax } from '../../kusto.ts';
import { convert, quoteText } from '../../sql.ts';
import type { Context, Operator } from '../context.ts';
import { scalar } from '../expression.ts';
import type { Frame } from '../frame.ts';
import { nameOf, parameter, part, untranslatable } from '../syntax.ts';
import { find, resultColumns } from './columns.ts';

/** A column that is taken out of a text. */
interface Extracted {
  readonly name: string;
  /** SQL of its text. */
  readonly text: string;
}

/** `parse` and `parse-where`: text or regular expressions, `*`, `name` and `name:type`, from the start of the text. */
export const parse: Operator = (node, from, context) => {
  const mode = parameter(node, 'kind') ?? 'simple';
  const patterns = part(node, 'Patterns').children;
  const types = new Map(resultColumns(node).map(({ name, type }) => [name, type]));
  const groups = new Map<string, number>();
  let groupCount = 0;
  const source = patterns.map((pattern, index) => {
    const any = mode === 'regex' || index === patterns.length - 1 ? '.*' : '.*?';
    if (pattern.kind === 'StarExpression') return any;
    if (pattern.kind === 'StringLiteralExpression') {
      if (mode !== 'regex') return literally(pattern);
      groupCount += groupsIn(pattern);
      return pattern.value;
    }
    const name = nameOf(pattern.child('Name') ?? pattern);
    groupCount += 1;
    groups.set(name, groupCount);
    return `(${(mode === 'relaxed' ? undefined : STRICT[types.get(name) ?? 'string']) ?? any})`;
  });
  const flags = mode === 'regex' ? (parameter(node, 'flags') ?? '') : 's';
  const expression = quoteText(`${flags && `(?${flags})`}^${source.join('')}`);
  const input = convert(scalar(part(node, 'Expression'), context.scope(from)), 'string');
  const made = [...groups].map(([name, index]) => ({
    name,
    text: `regexp_extract(${input}, ${expression}, ${index})`,
  }));
  const filter = node.kind === 'ParseWhereOperator' ? ` WHERE regexp_matches(${input}, ${expression})` : '';
  return extract(node, from, made, context, filter);
};

/** Columns that match nothing but their type; without a group of their own. */
const STRICT: Partial<Record<ColumnType, string>> = {
  int: '-?\\d+',
  long: '-?\\d+',
  real: '[-+]?\\d*\\.?\\d+(?:[eE][-+]?\\d+)?',
};

function literally(pattern: Syntax): string {
  return String(pattern.value).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** How many groups a regular expression of the query has, which count beside those of the columns. */
function groupsIn(pattern: Syntax): number {
  try {
    return (new RegExp(`${pattern.value}|`).exec('')?.length ?? 1) - 1;
  } catch {
    throw untranslatable(pattern, 'this regular expression');
  }
}

/** `parse-kv`: keys and values in one text, by delimiters, without them, or by a regular expression. */
export const parseKeyValues: Operator = (node, from, context) => {
  const options: Record<string, unknown> = {};
  for (const property of node.child('WithClause')?.child('Properties')?.children ?? []) {
    const value = part(property, 'Expression');
    const name = nameOf(part(property, 'Name'));
    const given = value.kind === 'BooleanLiteralExpression' ? value.text === 'true' : value.value;
    options[name] = name === 'quote' || name === 'escape' ? [...((options[name] as unknown[]) ?? []), given] : given;
  }
  const input = convert(scalar(part(node, 'Expression'), context.scope(from)), 'string');
  const keys = part(part(node, 'Keys'), 'Columns').children.map((column) => nameOf(part(column, 'Name')));
  const found = `kusto_pairs(${input}, ${quoteText(JSON.stringify({ ...options, keys }))})`;
  const made = keys.map((name) => ({
    name,
    text: `json_extract_string(${found}, ${quoteText(`$.${JSON.stringify(name)}`)})`,
  }));
  return extract(node, from, made, context, '');
};

/** The frame with the columns that were taken out of a text, each in its type. */
function extract(node: Syntax, from: Frame, made: readonly Extracted[], context: Context, filter: string): Frame {
  const columns = new Map(
    made.map(({ name, text }) => {
      const { type } = resultColumns(node).find((column) => column.name === name) ?? { type: 'string' as const };
      const value = convert({ sql: text, type: 'dynamic' }, type);
      return [name, { name, type, sql: context.fresh(), value, hidden: false }];
    }),
  );
  const selected = ['*', ...[...columns.values()].map(({ value, sql }) => `${value} AS ${sql}`)];
  return {
    ...from,
    sql: `SELECT ${selected.join(', ')} FROM (${from.sql})${filter}`,
    columns: resultColumns(node).map(({ name }) => columns.get(name) ?? find(from, name, node)),
  };
}
