import type { Syntax } from '../kusto.ts';
import type { Context, Scope } from './context.ts';
import { scalar } from './expression.ts';
import { type Frame, NO_INGESTION_TIME } from './frame.ts';
import { OPERATORS } from './operators/all.ts';
import { dataTable, print, range } from './operators/sources.ts';
import { union } from './operators/union.ts';
import { nameOf, part, untranslatable } from './syntax.ts';

/** What a query can refer to. */
export interface Sources {
  /** The tables that a name with `*` may stand for. */
  readonly tableNames: readonly string[];
  /** A stored table by name. */
  table(name: string): Frame | undefined;
  /** The query behind a saved function without parameters, parsed. */
  saved(name: string): Syntax | undefined;
  readonly nowTicks: bigint;
}

/** What surrounds an expression: the names that `let` made, and names for SQL. */
interface Surroundings {
  readonly sources: Sources;
  readonly lets: Map<string, Syntax>;
  readonly fresh: () => string;
}

/**
 * Translates a bound query to SQL.
 * @throws KqlError for what has no translation.
 */
export function translate(root: Syntax, sources: Sources): Frame {
  let serial = 0;
  return translateQuery(root, { sources, lets: new Map(), fresh: () => `"$${serial++}"` });
}

function translateQuery(root: Syntax, around: Surroundings): Frame {
  const { sources, lets, fresh } = around;
  const context: Context = {
    fresh,
    tabular: (node) => tabular(node, context, around),
    tabulars: (node) => (isPattern(node) ? matching(node, sources) : [tabular(node, context, around)]),
    scope: (frame) => {
      const scope: Scope = {
        resolve: (name) => {
          const column = frame.columns.find((candidate) => candidate.name === name);
          const definition = lets.get(name);
          if (column !== undefined || definition === undefined) return column;
          return scalar(definition, { ...scope, ingested: 'NULL' });
        },
        visible: frame.columns.filter(({ hidden }) => !hidden),
        ingested: frame.ingested,
        nowTicks: sources.nowTicks,
        tabular: context.tabular,
      };
      return scope;
    },
  };
  let result: Frame | undefined;
  for (const statement of part(root, 'Statements').children) {
    if (statement.kind === 'LetStatement') {
      lets.set(nameOf(part(statement, 'Name')), part(statement, 'Expression'));
    } else if (statement.kind === 'ExpressionStatement' && result === undefined) {
      result = tabular(part(statement, 'Expression'), context, around);
    } else throw untranslatable(statement, `the statement ${statement.kind}`);
  }
  if (result === undefined) throw untranslatable(root, 'a query without a tabular expression');
  return result;
}

function tabular(node: Syntax, context: Context, around: Surroundings): Frame {
  switch (node.kind) {
    case 'NameReference':
    case 'FunctionCallExpression':
      return named(node, context, around);
    case 'ParenthesizedExpression':
    case 'MaterializeExpression':
      return context.tabular(part(node, 'Expression'));
    case 'PipeExpression': {
      const operator = part(node, 'Operator');
      const apply = OPERATORS[operator.kind];
      if (apply === undefined) throw untranslatable(operator, `the operator ${operator.kind.replace('Operator', '')}`);
      return apply(operator, context.tabular(part(node, 'Expression')), context);
    }
    case 'PrintOperator':
      return print(node, context);
    case 'DataTableExpression':
      return dataTable(node, context);
    case 'RangeOperator':
      return range(node, context);
    case 'UnionOperator':
      return union(node, undefined, context);
    default:
      throw untranslatable(node, `the table expression ${node.kind}`);
  }
}

function isPattern(node: Syntax): boolean {
  return node.kind === 'NameReference' && node.text.includes('*');
}

function matching(node: Syntax, { tableNames, table }: Sources): Frame[] {
  const pattern = new RegExp(`^${node.text.replaceAll('*', '.*')}$`);
  return tableNames.filter((name) => pattern.test(name)).flatMap((name) => table(name) ?? []);
}

/** A table, a `let`, or a saved function, with or without its brackets. */
function named(node: Syntax, context: Context, { sources, lets, fresh }: Surroundings): Frame {
  const name = node.kind === 'NameReference' ? nameOf(node) : part(node, 'Name').text;
  const definition = lets.get(name);
  if (definition !== undefined) return context.tabular(definition);
  const table = sources.table(name);
  if (table !== undefined) return table;
  const saved = sources.saved(name);
  if (saved === undefined) throw untranslatable(node, 'this table name');
  // A function does not see itself: the translation ends.
  const inner: Sources = { ...sources, saved: (other) => (other === name ? undefined : sources.saved(other)) };
  // Rows that come out of a saved function have no ingestion time.
  return { ...translateQuery(saved, { sources: inner, lets: new Map(), fresh }), ingested: NO_INGESTION_TIME };
}
