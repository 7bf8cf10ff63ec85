import { assigned, autoNames, behindKeyword, type Stage } from './assigned.ts';
import { findChange, type Names, UNNAMED } from './changing.ts';
import { at } from './tokens.ts';
import { type Node, nameOf, split } from './tree.ts';

/** Operators that decide which rows there are. */
const CHOOSING: ReadonlySet<string> = new Set(['where', 'filter', 'parse-where', 'mv-expand']);
/** Operators that make columns. */
const MAKING: ReadonlySet<string> = new Set(
  'extend project project-rename parse parse-where parse-kv mv-expand'.split(' '),
);
/** Options, not columns, which get their values with a "=". */
const OPTIONS: ReadonlySet<string> = new Set(['kind', 'bagexpansion', 'with_itemindex']);

/** One of the things that an operator does: what it reads for that, and the columns that it makes of it. */
interface Item {
  readonly read: readonly Node[];
  readonly made: readonly string[];
  /** Whether these columns have the new value in each row, under just these names. */
  readonly isSure: boolean;
}

/** Why the rows of an export would depend on when its query runs. */
export function checkChange(stage: Stage, names: Names): string | undefined {
  if (!CHOOSING.has(stage.name)) return undefined;
  for (const { read } of itemsOf(stage)) {
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
  const { name } = stage;
  if (name === 'project-away' || name === 'project-keep') return pick(stage, names.columns);
  if (!MAKING.has(name)) return names.columns;
  const columns = new Map(name === 'project' ? [] : names.columns);
  const items = itemsOf(stage);
  if (name === 'project-rename') for (const { read } of items) columns.delete(nameOf(read[0]) ?? '');
  // All of them read what was there before.
  for (const { read, made, isSure } of items) {
    const change = findChange(read, names)?.change;
    for (const column of made) if (change !== undefined || isSure) columns.set(column, change);
  }
  return columns;
}

function pick({ name, args }: Stage, columns: Names['columns']): Names['columns'] {
  const patterns = split(args, ',').map(patternOf);
  const isKept = (column: string) => patterns.some((each) => each.test(column)) === (name === 'project-keep');
  return new Map([...columns].filter(([column]) => column === UNNAMED || isKept(column)));
}

function itemsOf(stage: Stage): Item[] {
  const { name, args } = stage;
  const made = (nodes: readonly Node[]) => assigned({ ...stage, args: nodes }).map((each) => each.name);
  if (name === 'where' || name === 'filter') return [{ read: args, made: [], isSure: false }];
  if (name.startsWith('parse')) {
    return [{ read: args.slice(0, args.length - behindKeyword(args).length), made: made(args), isSure: false }];
  }
  return split(args, ',').map((nodes) => {
    const read = nodes.slice(nodes.findLastIndex(({ text }) => text === '=') + 1);
    const given = made(nodes).filter((each) => name !== 'mv-expand' || !OPTIONS.has(each));
    if (given.length > 0) return { read, made: given, isSure: true };
    return { read, made: autoNames(read).map((each) => each || UNNAMED), isSure: false };
  });
}

/** `Name`, `['a name']`, or a name with `*` in it. */
function patternOf(nodes: readonly Node[]): RegExp {
  const texts = nodes.map((node) => (node.text === '*' ? '.*' : (nameOf(node) ?? node.text).replace(/\W/g, '\\$&')));
  return new RegExp(`^${texts.join('')}$`);
}
