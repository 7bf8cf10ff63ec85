import { UNNAMED } from './changing.ts';
import { type Node, nameOf, places, split, walk } from './tree.ts';

/** One operator of a query. */
export interface Stage {
  /** With its hyphens; empty when there is none. */
  readonly name: string;
  readonly start: number;
  /** What follows the name. */
  readonly args: readonly Node[];
  readonly items: readonly Item[];
}

/** One of the things that an operator does: what it reads for that, and the columns that it makes of it. */
interface Item {
  readonly read: readonly Node[];
  readonly made: readonly Made[];
}

export interface Made {
  readonly name: string;
  /** Where the query gives this name; `undefined` when KQL does. */
  readonly node?: Node;
}

/** Options, not columns, which get their values with a "=". */
const OPTIONS: ReadonlySet<string> = new Set(['kind', 'bagexpansion']);

/** The operator behind a pipe. */
export function readStage(text: string, pipe: Node, nodes: readonly Node[]): Stage {
  const [first] = nodes;
  if (first?.kind !== 'word') return { name: '', start: first?.start ?? pipe.end, args: nodes, items: [] };
  const name = /^[A-Za-z_]\w*(?:-[A-Za-z]\w*)*/.exec(text.slice(first.start))?.[0] ?? '';
  const args = nodes.filter((node) => node.start >= first.start + name.length);
  return { name, start: first.start, args, items: itemsOf(name, args) };
}

function itemsOf(name: string, args: readonly Node[]): Item[] {
  if (name === 'where' || name === 'filter') return [{ read: args, made: [] }];
  if (name.startsWith('parse')) {
    // `parse x with * 'a=' Name:type`, `parse-kv x as (Name:type)`: the names, and perhaps a few words more.
    const keyword = args.findIndex(({ text }) => text === 'with' || text === 'as');
    const end = keyword === -1 ? args.length : keyword;
    return [{ read: args.slice(0, end), made: namesIn(args.slice(end + 1)) }];
  }
  return split(args, ',').map((nodes) => {
    const read = nodes.slice(nodes.findLastIndex(({ text }) => text === '=') + 1);
    const given = givenNames(nodes).filter((each) => name !== 'mv-expand' || !OPTIONS.has(each.name));
    return { read, made: given.length > 0 ? given : autoNames(read).map((each) => ({ name: each || UNNAMED })) };
  });
}

/** `Name = ...`, `['a name'] = ...`, `(One, Other) = ...`, and `with_itemindex = Name`. */
export function givenNames(nodes: readonly Node[]): Made[] {
  return places(nodes).flatMap(({ node, before, after }) => {
    const named = before?.text === 'with_itemindex' ? after : before;
    return node.text === '=' && named !== undefined ? namesIn([named]) : [];
  });
}

function namesIn(nodes: readonly Node[]): Made[] {
  return walk(nodes).flatMap(({ node }) => {
    const name = nameOf(node);
    return name === undefined ? [] : [{ name, node }];
  });
}

/**
 * The names that KQL may give a column without one: `d.x['y'][0]` is d_x_y_0, and what some functions make has the name
 * of their first argument. The empty one stands for `Column1` and so on.
 */
function autoNames(nodes: readonly Node[]): string[] {
  const [first, second] = nodes;
  const isCalled = first?.kind === 'word' && second?.text === '(';
  const steps = nodes.slice(isCalled ? 2 : 1);
  const isPath = steps.every(({ text }, index) => text === '.' || text === '[' || steps[index - 1]?.text === '.');
  if (!isPath) return [''];
  const [argument] = split((isCalled ? second : first)?.inner ?? [], ',');
  const inside = isCalled || first?.text === '(' ? autoNames(argument ?? []) : [nameOf(first) ?? ''];
  const bases = isCalled ? [...inside, ''] : inside;
  const path = steps.filter(({ text }) => text !== '.').map(stepName);
  return [...new Set(bases)].map((base) => [...(base === '' ? [] : [base]), ...path].join('_'));
}

/** Of a step into a value: `.x`, `['x']`, `[0]`; empty when it has to be worked out. */
function stepName(node: Node): string {
  const text = (node.inner ?? []).map((each) => each.text).join('');
  return nameOf(node) ?? (/^\d+$/.test(text) ? text : '');
}
