import { type Change, findChange } from './changing.ts';
import { ADDED, ADDED_APART } from './query.ts';
import { at } from './tokens.ts';
import { isQuery, type Node, nameOf } from './tree.ts';

/** What begins a table where a value is expected. */
const TABLES = new Set(
  (
    'adx app arg cluster database datatable external_table externaldata find invoke materialize print resource ' +
    'search table union view workspace'
  ).split(' '),
);
const LITERALS = new Set(['true', 'false', 'null']);
const OURS: ReadonlySet<string> = new Set([...Object.values(ADDED), ...Object.values(ADDED_APART), '_ItemId']);

/** What `let` statements declare. */
export interface Lets {
  readonly names: Set<string>;
  readonly changing: Map<string, Change>;
  readonly problems: string[];
}

/** Reads the `let` statements in front of an export's table: each gives one value a name. */
export function readLets(statements: readonly (readonly Node[])[]): Lets {
  const lets: Lets = { names: new Set(), changing: new Map(), problems: [] };
  for (const nodes of statements) {
    const name = nameOf(nodes[1]);
    const value = nodes.slice(3);
    const where = at(nodes[0]?.start ?? 0);
    if (name === undefined || nodes[2]?.text !== '=' || value.length === 0) {
      lets.problems.push(`"let" ${where} is not whole: write let <name> = <value>; in front of the table`);
      continue;
    }
    const reason = whyNoValue(value, lets.names);
    if (reason !== undefined) lets.problems.push(`let ${name} ${where} ${reason}`);
    if (OURS.has(name)) lets.problems.push(`let ${name} ${where} has the name of a column: choose another one`);
    const change = findChange(value, { lets: lets.changing, columns: new Map() });
    if (change !== undefined) lets.changing.set(name, change.change);
    lets.names.add(name);
  }
  return lets;
}

/** Why something is no scalar value, and the way out. */
function whyNoValue(value: readonly Node[], names: ReadonlySet<string>): string | undefined {
  const [first, second] = value;
  if (value.some(({ text }) => text === '{')) {
    return 'is a function: write its expression where it is called';
  }
  if (first?.text === '(' && second === undefined) return whyNoValue(first.inner ?? [], names);
  const word = first?.kind === 'word' ? first.text : '';
  const isTable =
    isQuery(value) ||
    TABLES.has(word) ||
    (word === 'range' && second?.kind === 'word') ||
    (word !== '' && second === undefined && !names.has(word) && !LITERALS.has(word));
  return isTable
    ? 'is a table, and only single values can stand in front of an export: write it in brackets where it is used, as ' +
        'in where Id in ((Other | project Id)), or dynamic(["a", "b"]) for a list'
    : undefined;
}
