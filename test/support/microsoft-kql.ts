import { createRequire } from 'node:module';

/** What the tests use of Microsoft's parser. */
interface SyntaxNode {
  readonly Kind: number;
  readonly ChildCount?: number;
  GetChild(index: number): SyntaxNode | null;
  toString(): string;
}
interface Kusto {
  readonly KustoCode: {
    Parse(text: string): { readonly Syntax: SyntaxNode; GetDiagnostics(): { readonly Count: number } };
  };
  readonly Syntax: { readonly SyntaxKind: Readonly<Record<string, number>> };
}

/** A query as Microsoft's parser reads it. */
export interface Outline {
  /** Empty when the query begins with something else, or is not alone. */
  readonly table: string;
  readonly operators: readonly string[];
  /** The kinds of what `let` statements in front of it declare, by the parser's names. */
  readonly lets: readonly string[];
}

let loaded: Kusto | undefined;

function language(): Kusto {
  if (loaded === undefined) {
    const require = createRequire(import.meta.url);
    require('@kusto/language-service-next/bridge.min.js');
    require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
    loaded = (globalThis as unknown as { Kusto: { Language: Kusto } }).Kusto.Language;
  }
  return loaded;
}

/** The outer operators as Microsoft's parser reads them; `undefined` for what it does not parse. */
export function microsoftOutline(text: string): Outline | undefined {
  const { KustoCode, Syntax } = language();
  const code = KustoCode.Parse(text);
  if (code.GetDiagnostics().Count > 0) return undefined;
  const { PipeExpression, NameReference, LetStatement } = Syntax.SyntaxKind;
  const all = children(code.Syntax.GetChild(1)).map((element) => element.GetChild(0));
  const statements = all.filter((statement) => statement?.Kind !== LetStatement);
  let node: SyntaxNode | null = statements[0]?.GetChild(0) ?? null;
  const operators: string[] = [];
  while (node !== null && node.Kind === PipeExpression) {
    operators.unshift(firstToken(node.GetChild(2)));
    node = node.GetChild(0);
  }
  const isAlone = statements.length === 1 && all.at(-1) === statements[0];
  return {
    table: isAlone && node?.Kind === NameReference ? textOf(node) : '',
    operators,
    lets: all
      .filter((statement) => statement?.Kind === LetStatement)
      .map((statement) => kindOf(statement?.GetChild(3))),
  };
}

function kindOf(node: SyntaxNode | null | undefined): string {
  const kinds = Object.entries(language().Syntax.SyntaxKind);
  return kinds.find(([, kind]) => kind === node?.Kind)?.[0] ?? '';
}

function children(node: SyntaxNode | null): SyntaxNode[] {
  const found = Array.from({ length: node?.ChildCount ?? 0 }, (_, index) => node?.GetChild(index) ?? null);
  return found.filter((child) => child !== null);
}

function firstToken(node: SyntaxNode | null): string {
  const first = children(node)[0];
  return first === undefined ? textOf(node) : firstToken(first);
}

/** Without the white space and comments before it. */
function textOf(node: SyntaxNode | null): string {
  return (node?.toString() ?? '').replace(/^(?:\s|\/\/[^\n]*\n)+/, '');
}
