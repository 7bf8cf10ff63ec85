import { type Node, nameOf, split, walk } from './tree.ts';

/** One operator of a query. */
export interface Stage {
  /** With its hyphens; empty when there is none. */
  readonly name: string;
  readonly start: number;
  /** What follows the name. */
  readonly args: readonly Node[];
}

/** The operator behind a pipe. */
export function readStage(text: string, pipe: Node, nodes: readonly Node[]): Stage {
  const [first] = nodes;
  if (first?.kind !== 'word') return { name: '', start: first?.start ?? pipe.end, args: nodes };
  const name = /^[A-Za-z_]\w*(?:-[A-Za-z]\w*)*/.exec(text.slice(first.start))?.[0] ?? '';
  return { name, start: first.start, args: nodes.filter((node) => node.start >= first.start + name.length) };
}

/** Where an operator gives a column a name, and that name. */
export interface Assigned {
  readonly node: Node;
  readonly name: string;
}

/** The columns that an operator makes or names anew, and perhaps a few words more. */
export function assigned({ name, args }: Stage): Assigned[] {
  return name.startsWith('parse') ? named(behindKeyword(args)) : named(leftSides(args));
}

/** `parse x with * 'a=' Name:type`, `parse-kv x as (Name:type)`. */
export function behindKeyword(args: readonly Node[]): readonly Node[] {
  const keyword = args.findIndex(({ kind, text }) => kind === 'word' && (text === 'with' || text === 'as'));
  return keyword === -1 ? [] : args.slice(keyword + 1);
}

/** `Name = ...`, `['a name'] = ...`, `(One, Other) = ...`, and `with_itemindex = Name`. */
function leftSides(args: readonly Node[]): Node[] {
  return args.flatMap((node, index) => {
    if (node.text !== '=') return [];
    const [left, right] = [args[index - 1], args[index + 1]];
    return [left, left?.text === 'with_itemindex' ? right : undefined].filter((each) => each !== undefined);
  });
}

/**
 * The names that KQL may give a column without one: `d.x['y'][0]` is d_x_y_0, and what some functions make has the name
 * of their first argument. The empty one stands for `Column1` and so on.
 */
export function autoNames(nodes: readonly Node[]): string[] {
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

function named(nodes: readonly Node[]): Assigned[] {
  return walk(nodes).flatMap(({ node }) => {
    const name = nameOf(node);
    return name === undefined ? [] : [{ node, name }];
  });
}
