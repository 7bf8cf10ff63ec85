import { createRequire } from 'node:module';

/** The Kusto types that a column can have. */
export type ColumnType =
  | 'bool'
  | 'datetime'
  | 'decimal'
  | 'dynamic'
  | 'guid'
  | 'int'
  | 'long'
  | 'real'
  | 'string'
  | 'timespan';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** What a table of the workspace looks like. */
export interface TableSchema {
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** False: the table has no hidden column `_ItemId`. */
  readonly itemId?: boolean;
  /** False: `ingestion_time()` is null, as it is for a saved function. */
  readonly ingestionTime?: boolean;
}

export type Schemas = Readonly<Record<string, TableSchema>>;

/** A node of the bound syntax tree, with list separators taken out. */
export interface Syntax {
  /** The parser's own name, for instance `FilterOperator`. */
  readonly kind: string;
  /** Source text without surrounding blanks and comments. */
  readonly text: string;
  readonly start: number;
  /** The scalar type, or '' for anything else. */
  readonly type: ColumnType | '';
  /** The columns, for a node whose value is a table. */
  readonly columns: readonly Column[] | undefined;
  /** The value of a string literal. */
  readonly value: unknown;
  readonly symbol: string;
  readonly children: readonly Syntax[];
  child(role: string): Syntax | undefined;
}

/** A query that the service would refuse with 400. */
export class KqlError extends Error {
  override readonly name = 'KqlError';
  readonly kind: 'SyntaxError' | 'SemanticError';
  /** Character offset in the query. */
  readonly start: number;

  constructor(kind: 'SyntaxError' | 'SemanticError', message: string, start: number) {
    super(message);
    this.kind = kind;
    this.start = start;
  }
}

interface List<T> {
  readonly Count: number;
  getItem(index: number): T;
}

interface RawType {
  readonly Name: string;
  readonly Columns?: List<{ readonly Name: string; readonly Type: RawType }>;
}

interface RawNode {
  readonly Kind: number;
  readonly NameInParent: string;
  readonly TextStart: number;
  readonly ChildCount: number;
  readonly ResultType?: RawType | null;
  readonly ReferencedSymbol?: { readonly Name: string } | null;
  readonly LiteralValue?: unknown;
  GetChild(index: number): RawNode | null;
  ToString(trivia: number): string;
}

interface Diagnostic {
  readonly Severity: string;
  readonly Message: string;
  readonly Start: number;
}

interface Code {
  readonly Syntax: RawNode;
  GetSyntaxDiagnostics(): List<Diagnostic>;
  GetDiagnostics(): List<Diagnostic>;
}

/** The few constructors of the parser that are used here; the bridge numbers their overloads. */
interface Language {
  readonly GlobalState: { readonly Default: { WithDatabase(database: object): object } };
  readonly KustoCode: { ParseAndAnalyze(text: string, globals: object): Code };
  readonly Symbols: {
    readonly ColumnSymbol: new (name: string, type: object) => object;
    readonly TableSymbol: { readonly $ctor4: new (name: string, columns: object[]) => object };
    readonly FunctionSymbol: { readonly $ctor11: new (name: string, body: string) => object };
    readonly DatabaseSymbol: { readonly ctor: new (name: string, members: object[]) => object };
    readonly ScalarTypes: { GetSymbol(name: string): object };
  };
  readonly Syntax: {
    readonly SyntaxKind: Readonly<Record<string, unknown>>;
    readonly IncludeTrivia: { readonly Interior: number };
  };
}

let loaded: Language | undefined;

/** Loads Microsoft's parser, which lives in globals, once. */
function language(): Language {
  if (loaded === undefined) {
    const require = createRequire(import.meta.url);
    require('@kusto/language-service-next/bridge.min.js');
    require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
    loaded = (globalThis as unknown as { Kusto: { Language: Language } }).Kusto.Language;
  }
  return loaded;
}

/** Columns that a table has besides its schema; they bind when named and appear nowhere else. */
export function hiddenColumns(table: TableSchema): Column[] {
  const received: Column = { name: '_TimeReceived', type: 'datetime' };
  return table.itemId === false ? [received] : [{ name: '_ItemId', type: 'string' }, received];
}

/** The columns of a table's schema, in their order. */
export function schemaColumns(table: TableSchema): Column[] {
  return Object.entries(table.columns).map(([name, type]) => ({ name, type }));
}

/**
 * Returns a function that parses and binds KQL against these tables and saved functions (name to query).
 * @throws KqlError with the parser's own first diagnostic.
 */
export function createParser(
  schemas: Schemas,
  functions: Readonly<Record<string, string>> = {},
): (kql: string) => Syntax {
  const { GlobalState, KustoCode, Symbols, Syntax } = language();
  const kinds = new Map(Object.entries(Syntax.SyntaxKind).map(([name, kind]) => [kind, name]));
  const column = ({ name, type }: Column): object =>
    new Symbols.ColumnSymbol(name, Symbols.ScalarTypes.GetSymbol(type));
  const tables = Object.entries(schemas).map(
    ([name, table]) =>
      new Symbols.TableSymbol.$ctor4(name, [...schemaColumns(table), ...hiddenColumns(table)].map(column)),
  );
  const saved = Object.entries(functions).map(
    ([name, body]) => new Symbols.FunctionSymbol.$ctor11(name, `{ ${body} }`),
  );
  const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor('workspace', [...tables, ...saved]));
  return (kql) => {
    const code = KustoCode.ParseAndAnalyze(kql, globals);
    refuse('SyntaxError', code.GetSyntaxDiagnostics());
    refuse('SemanticError', code.GetDiagnostics());
    return convert(code.Syntax, kinds, Syntax.IncludeTrivia.Interior);
  };
}

function refuse(kind: 'SyntaxError' | 'SemanticError', diagnostics: List<Diagnostic>): void {
  const error = items(diagnostics).find((diagnostic) => diagnostic.Severity === 'Error');
  if (error !== undefined) throw new KqlError(kind, error.Message, error.Start);
}

function items<T>(list: List<T>): T[] {
  return Array.from({ length: list.Count }, (_, index) => list.getItem(index));
}

/** Copies the bridge's tree into plain objects. */
function convert(node: RawNode, kinds: ReadonlyMap<unknown, string>, trivia: number): Syntax {
  const children: Syntax[] = [];
  const roles = new Map<string, Syntax>();
  for (let index = 0; index < (node.ChildCount ?? 0); index++) {
    const raw = node.GetChild(index);
    if (raw === null) continue;
    const separated = kinds.get(raw.Kind) === 'SeparatedElement' ? raw.GetChild(0) : raw;
    if (separated === null) continue;
    const child = convert(separated, kinds, trivia);
    children.push(child);
    if (raw.NameInParent) roles.set(raw.NameInParent, child);
  }
  const result = node.ResultType;
  const columns = result?.Columns;
  return {
    kind: kinds.get(node.Kind) ?? String(node.Kind),
    text: node.ToString(trivia),
    start: node.TextStart,
    type: columns === undefined && result ? scalarType(result.Name) : '',
    columns:
      columns && items(columns).map(({ Name, Type }) => ({ name: Name, type: scalarType(Type.Name) || 'dynamic' })),
    value: node.LiteralValue,
    symbol: node.ReferencedSymbol?.Name ?? '',
    children,
    child: (role) => roles.get(role),
  };
}

const TYPES: readonly string[] = 'bool datetime decimal dynamic guid int long real string timespan'.split(' ');

function scalarType(name: string): ColumnType | '' {
  return TYPES.includes(name) ? (name as ColumnType) : '';
}
