import { type Change, findChange, type Names } from './changing.ts';
import { ADDED_NAMES } from './query.ts';
import { at } from './tokens.ts';
import { isQuery, type Node, nameOf, unwrap } from './tree.ts';

/** What begins a table where a value is expected. */
const TABLES = new Set(
  (
    'adx app arg cluster database datatable external_table externaldata find invoke materialize print resource ' +
    'search table union view workspace'
  ).split(' '),
);
const LITERALS = new Set(['true', 'false', 'null']);

/** Reads the `let` statements in front of an export's table: each gives one value a name. */
export function readLets(statements: readonly (readonly Node[])[]) {
  const lets = new Map<string, Change | undefined>();
  const problems: string[] = [];
  for (const nodes of statements) {
    const name = nameOf(nodes[1]);
    const value = nodes.slice(3);
    const where = at(nodes[0]?.start ?? 0);
    if (name === undefined || nodes[2]?.text !== '=' || value.length === 0) {
      problems.push(`"let" ${where} is not whole: write let <name> = <value>; in front of the table`);
      continue;
    }
    const reason = whyNoValue(value, lets);
    if (reason !== undefined) problems.push(`let ${name} ${where} ${reason}`);
    if (ADDED_NAMES.has(name) || name === '_ItemId') {
      problems.push(`let ${name} ${where} has the name of a column: choose another one`);
    }
    lets.set(name, findChange(value, { lets, columns: new Map() })?.change);
  }
  return { lets, problems };
}

/** Why something is no scalar value, and the way out. */
function whyNoValue(whole: readonly Node[], lets: Names['lets']): string | undefined {
  const value = unwrap(whole);
  const [first, second] = value;
  if (value.some(({ text }) => text === '{')) return 'is a function: write its expression where it is called';
  const word = first?.kind === 'word' ? first.text : '';
  const isTable =
    isQuery(value) ||
    TABLES.has(word) ||
    (word === 'range' && second?.kind === 'word') ||
    (word !== '' && second === undefined && !lets.has(word) && !LITERALS.has(word));
  return isTable
    ? 'is a table, and only single values can stand in front of an export: write it in brackets where it is used, as ' +
        'in where Id in ((Other | project Id)), or dynamic(["a", "b"]) for a list'
    : undefined;
}
