import { nameOf, part, type Scope, scalar, untranslatable } from './expression.ts';
import type { Frame } from './frame.ts';
import { type Column, hiddenColumns, type Schemas, type Syntax, schemaColumns } from './kusto.ts';
import { OPERATORS, print, union } from './operators.ts';
import { INGESTED, quoteName } from './sql.ts';

export interface TranslateOptions {
  readonly schemas: Schemas;
  readonly nowTicks: bigint;
  readonly timespan: Timespan | undefined;
}

/** A half-open range of TimeGenerated, in ticks. */
export interface Timespan {
  readonly start: bigint;
  readonly end: bigint;
}

/** What the operators need to know of the query around them. */
export interface Context {
  /** A scope over the columns of this frame. */
  scope(frame: Frame): Scope;
  /** Translates a tabular expression. */
  tabular(node: Syntax): Frame;
  /** A column name that no other SQL of this query has. */
  fresh(): string;
}

/**
 * Translates a bound query to SQL.
 * @throws KqlError for what has no translation.
 */
export function translate(root: Syntax, options: TranslateOptions): Frame {
  const statements = part(root, 'Statements').children;
  const lets = new Map<string, Syntax>();
  let serial = 0;
  const context: Context = {
    fresh: () => `"$${serial++}"`,
    tabular: (node) => tabular(node, context, lets, options),
    scope: (frame) => {
      const scope: Scope = {
        resolve: (name) => {
          const column = frame.columns.find((candidate) => candidate.name === name);
          const definition = lets.get(name);
          if (column !== undefined || definition === undefined) return column?.sql;
          return scalar(definition, { ...scope, ingested: 'NULL' }).sql;
        },
        visible: frame.columns.filter(({ hidden }) => !hidden),
        ingested: frame.ingested,
        nowTicks: options.nowTicks,
      };
      return scope;
    },
  };
  let result: Frame | undefined;
  for (const statement of statements) {
    if (statement.kind === 'LetStatement') {
      lets.set(nameOf(part(statement, 'Name')), part(statement, 'Expression'));
    } else if (statement.kind === 'ExpressionStatement' && result === undefined) {
      result = tabular(part(statement, 'Expression'), context, lets, options);
    } else throw untranslatable(statement, `the statement ${statement.kind}`);
  }
  if (result === undefined) throw untranslatable(root, 'a query without a tabular expression');
  return result;
}

function tabular(node: Syntax, context: Context, lets: ReadonlyMap<string, Syntax>, options: TranslateOptions): Frame {
  switch (node.kind) {
    case 'NameReference': {
      const name = nameOf(node);
      const definition = lets.get(name);
      return definition === undefined ? table(node, name, options) : context.tabular(definition);
    }
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
    case 'UnionOperator':
      return union(node, undefined, context);
    default:
      throw untranslatable(node, `the table expression ${node.kind}`);
  }
}

function table(node: Syntax, name: string, { schemas, timespan }: TranslateOptions): Frame {
  const schema = schemas[name];
  if (schema === undefined) throw untranslatable(node, 'this table name');
  const as = (hidden: boolean) => (column: Column) => ({ ...column, sql: quoteName(column.name), hidden });
  const filter =
    timespan !== undefined && schema.columns.TimeGenerated === 'datetime'
      ? ` WHERE "TimeGenerated" >= ${timespan.start} AND "TimeGenerated" < ${timespan.end}`
      : '';
  return {
    sql: `SELECT * FROM ${quoteName(name)}${filter}`,
    columns: [...schemaColumns(schema).map(as(false)), ...hiddenColumns(schema).map(as(true))],
    ingested: schema.ingestionTime === false ? 'CAST(NULL AS BIGINT)' : quoteName(INGESTED),
  };
}
