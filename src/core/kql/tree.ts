import { at, stringValue, type Token, TokenError, tokenize } from './tokens.ts';

/** A token, or a pair of brackets with what stands between them. */
export interface Node extends Token {
  /** What the bracket opens; `undefined` for anything but an opening bracket. */
  readonly inner?: readonly Node[];
  /** Index behind its last character. */
  readonly end: number;
}

const CLOSING: ReadonlyMap<string, string> = new Map(Object.entries({ '(': ')', '[': ']', '{': '}' }));

/**
 * Reads KQL as far as its brackets.
 * @throws TokenError
 */
export function readTree(text: string): readonly Node[] {
  const outside: Node[] = [];
  const open: { token: Token; closing: string; inner: Node[] }[] = [];
  const current = () => open.at(-1)?.inner ?? outside;
  for (const token of tokenize(text)) {
    const closing = CLOSING.get(token.text);
    if (closing !== undefined) {
      open.push({ token, closing, inner: [] });
    } else if (')]}'.includes(token.text)) {
      const begin = open.pop();
      if (begin?.closing !== token.text) {
        throw new TokenError(`"${token.text}" ${at(token.start)} closes nothing: check the brackets`);
      }
      current().push({ ...begin.token, inner: begin.inner, end: token.start + 1 });
    } else {
      current().push({ ...token, end: token.start + token.text.length });
    }
  }
  const left = open.pop()?.token;
  if (left !== undefined) throw new TokenError(`"${left.text}" ${at(left.start)} is not closed: check the brackets`);
  return outside;
}

/** Cuts at separators outside brackets, which are themselves left out. */
export function split(nodes: readonly Node[], separator: string): Node[][] {
  const cuts = nodes.flatMap((node, index) => (node.text === separator ? [index] : []));
  return [...cuts, nodes.length].map((cut, index) => nodes.slice((cuts[index - 1] ?? -1) + 1, cut));
}

/** Without brackets around all of it. */
export function unwrap(nodes: readonly Node[] = []): readonly Node[] {
  const [only, more] = nodes;
  return only?.text === '(' && more === undefined ? unwrap(only.inner) : nodes;
}

/** Whether there is a pipe: what stands in brackets is then a query of its own. */
export function isQuery(nodes: readonly Node[] = []): boolean {
  return nodes.some(({ text }) => text === '|');
}

/** A node with its neighbours in the same brackets. */
export interface Place {
  readonly node: Node;
  readonly before: Node | undefined;
  readonly after: Node | undefined;
}

export function places(nodes: readonly Node[]): Place[] {
  return nodes.map((node, index) => ({ node, before: nodes[index - 1], after: nodes[index + 1] }));
}

/** All nodes, those in brackets included. */
export function walk(nodes: readonly Node[]): Place[] {
  return places(nodes).flatMap((place) => [place, ...walk(place.node.inner ?? [])]);
}

/** Whether a word is called as a function. */
export function isCall({ node, after }: Place): boolean {
  return node.kind === 'word' && after?.text === '(';
}

/** The name that a word or `['text']` stands for. */
export function nameOf(node: Node | undefined): string | undefined {
  if (node?.kind === 'word') return node.text;
  const [only, more] = node?.text === '[' ? (node.inner ?? []) : [];
  return only && more === undefined ? stringValue(only) : undefined;
}
