import { at, stringValue, type Token, TokenError, tokenize } from './tokens.ts';

/** A token, or a pair of brackets with what stands between them. */
export interface Node extends Token {
  /** What the bracket opens; `undefined` for anything but an opening bracket. */
  readonly inner?: readonly Node[];
  /** Index behind its last character. */
  readonly end: number;
}

/** What stands between two separators. */
export interface Segment {
  readonly nodes: readonly Node[];
  /** Index behind the separator before it. */
  readonly start: number;
  /** Index of the separator behind it, or of the end of the text. */
  readonly end: number;
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * Reads KQL as far as its brackets.
 * @throws TokenError
 */
export function readTree(text: string): readonly Node[] {
  const outside: Node[] = [];
  const open: { token: Token; inner: Node[] }[] = [];
  const current = () => open.at(-1)?.inner ?? outside;
  for (const token of tokenize(text)) {
    if (token.kind === 'open') {
      open.push({ token, inner: [] });
    } else if (token.kind === 'close') {
      const begin = open.pop();
      if (begin === undefined || CLOSING[begin.token.text] !== token.text) {
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
export function split(nodes: readonly Node[], separator: string, start: number, end: number): Segment[] {
  const cuts = nodes.flatMap((node, index) => (node.text === separator ? [index] : []));
  return [...cuts, nodes.length].map((cut, index) => {
    const before = cuts[index - 1];
    return {
      nodes: nodes.slice(before === undefined ? 0 : before + 1, cut),
      start: before === undefined ? start : (nodes[before]?.end ?? start),
      end: nodes[cut]?.start ?? end,
    };
  });
}

/** A node with its neighbours in the same brackets. */
export interface Place {
  readonly node: Node;
  readonly before: Node | undefined;
  readonly after: Node | undefined;
}

/** All nodes, those in brackets included. */
export function* walk(nodes: readonly Node[]): Generator<Place> {
  for (const [index, node] of nodes.entries()) {
    yield { node, before: nodes[index - 1], after: nodes[index + 1] };
    if (node.inner !== undefined) yield* walk(node.inner);
  }
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
