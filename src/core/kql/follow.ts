import { findChange, type Names, UNNAMED } from './changing.ts';
import type { Stage } from './stage.ts';
import { at } from './tokens.ts';
import { type Node, nameOf, split } from './tree.ts';

/** Operators that decide which rows there are. */
const CHOOSING: ReadonlySet<string> = new Set(['where', 'filter', 'parse-where', 'mv-expand']);
/** Operators that make columns. */
const MAKING: ReadonlySet<string> = new Set(
  'extend project project-rename parse parse-where parse-kv mv-expand'.split(' '),
);

/** Why the rows of an export would depend on when its query runs. */
export function checkChange({ name: operator, items }: Stage, names: Names): string | undefined {
  if (!CHOOSING.has(operator)) return undefined;
  for (const { read } of items) {
    const found = findChange(read, names);
    if (found === undefined) continue;
    const { node, name, change, isAmongAll } = found;
    if (!isAmongAll) return `"${name}" ${at(node.start)} ${change.reason}: ${change.instead}`;
    return (
      `"${node.text}" ${at(node.start)} reads all columns, and "${name}" among them ${change.reason}: choose rows ` +
      `before ${name} is made, or name the columns that you mean`
    );
  }
  return undefined;
}

/** The columns behind an operator: whose value changes, and which hide a `let`. */
export function columnsBehind(stage: Stage, names: Names): Names['columns'] {
  const { name: operator, items } = stage;
  if (operator === 'project-away' || operator === 'project-keep') return pick(stage, names.columns);
  if (!MAKING.has(operator)) return names.columns;
  const columns = new Map(operator === 'project' ? [] : names.columns);
  if (operator === 'project-rename') for (const { read } of items) columns.delete(nameOf(read[0]) ?? '');
  // All of them read what was there before.
  for (const { read, made } of items) {
    const change = findChange(read, names)?.change;
    for (const { name, node } of made) {
      // Whether the column has the new value in each row, under just this name.
      const isSure = node !== undefined && !operator.startsWith('parse');
      if (change !== undefined || isSure) columns.set(name, change);
    }
  }
  return columns;
}

function pick({ name, args }: Stage, columns: Names['columns']): Names['columns'] {
  const patterns = split(args, ',').map(patternOf);
  const isKept = (column: string) => patterns.some((each) => each.test(column)) === (name === 'project-keep');
  return new Map([...columns].filter(([column]) => column === UNNAMED || isKept(column)));
}

/** `Name`, `['a name']`, or a name with `*` in it. */
function patternOf(nodes: readonly Node[]): RegExp {
  const texts = nodes.map((node) => (node.text === '*' ? '.*' : (nameOf(node) ?? node.text).replace(/\W/g, '\\$&')));
  return new RegExp(`^${texts.join('')}$`);
}
