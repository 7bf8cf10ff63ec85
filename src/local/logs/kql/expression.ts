import type { ColumnType, Syntax } from '../kusto.ts';
import { convert, json, quoteText, type Scalar } from '../sql.ts';
import { type Binary, between, COMPARISONS } from './compare.ts';
import type { Scope } from './context.ts';
import { AGGREGATES, FUNCTIONS } from './functions/all.ts';
import { literal } from './literal.ts';
import { type Item, isIn } from './membership.ts';
import { nameOf, part, untranslatable } from './syntax.ts';
import { hasTerms, textOperator } from './text-operators.ts';

/** Translates a bound scalar expression. */
export function scalar(node: Syntax, scope: Scope): Scalar {
  const type = node.type || 'dynamic';
  if (node.kind.endsWith('LiteralExpression') || node.kind === 'DynamicExpression') return { sql: literal(node), type };
  const operator = COMPARISONS[node.kind] ?? textOperator(node.kind);
  const translate = operator === undefined ? NODES[node.kind] : binary(operator);
  if (translate === undefined) throw untranslatable(node, `the expression ${node.kind}`);
  return { sql: translate(node, scope), type };
}

type Translate = (node: Syntax, scope: Scope) => string;

const NODES: Readonly<Record<string, Translate>> = {
  NameReference: (node, scope) => {
    const found = scope.resolve(node.symbol);
    if (found === undefined) throw untranslatable(node, 'this name');
    return found.sql;
  },
  ParenthesizedExpression: (node, scope) => `(${operand(node, 'Expression', scope).sql})`,
  SimpleNamedExpression: (node, scope) => operand(node, 'Expression', scope).sql,
  UnaryMinusExpression: (node, scope) => `(-${operand(node, 'Expression', scope).sql})`,
  UnaryPlusExpression: (node, scope) => operand(node, 'Expression', scope).sql,
  PathExpression: (node, scope) =>
    member(node, scope, quoteText(`$.${JSON.stringify(nameOf(part(node, 'Selector')))}`)),
  ElementExpression: element,
  FunctionCallExpression: call,
  ToScalarExpression: toScalar,
  AndExpression: (node, scope) => `(${operand(node, 'Left', scope).sql} AND ${operand(node, 'Right', scope).sql})`,
  OrExpression: (node, scope) => `(${operand(node, 'Left', scope).sql} OR ${operand(node, 'Right', scope).sql})`,
  BetweenExpression: isBetween,
  NotBetweenExpression: (node, scope) => `(NOT ${isBetween(node, scope)})`,
  // The parser names `in~` `InCs`.
  InExpression: (node, scope) => membership(node, scope, false),
  InCsExpression: (node, scope) => membership(node, scope, true),
  NotInExpression: (node, scope) => `(NOT ${membership(node, scope, false)})`,
  NotInCsExpression: (node, scope) => `(NOT ${membership(node, scope, true)})`,
  HasAnyExpression: (node, scope) => hasTerms(operand(node, 'Left', scope), values(node, scope), false),
  HasAllExpression: (node, scope) => hasTerms(operand(node, 'Left', scope), values(node, scope), true),
};

function operand(node: Syntax, role: string, scope: Scope): Scalar {
  return scalar(part(node, role), scope);
}

/** `*` on the left stands for any of the columns. */
function binary(operator: Binary): Translate {
  return (node, scope) => {
    const right = operand(node, 'Right', scope);
    if (part(node, 'Left').kind !== 'StarExpression') return operator(operand(node, 'Left', scope), right, node);
    if (node.kind.startsWith('Not')) throw untranslatable(node, "'*' in front of a negated operator");
    const each = scope.visible.map((column): Scalar => ({ sql: convert(column, right.type), type: right.type }));
    return `(${each.map((column) => operator(column, right, node)).join(' OR ')})`;
  };
}

function member(node: Syntax, scope: Scope, path: string): string {
  return `member(${operand(node, 'Expression', scope).sql}, ${path})`;
}

function element(node: Syntax, scope: Scope): string {
  const key = scalar(part(part(node, 'Selector'), 'Expression'), scope);
  if (key.type === 'string') return member(node, scope, `'$."' || ${key.sql} || '"'`);
  return member(node, scope, `'$[' || (CASE WHEN ${key.sql} < 0 THEN '#' ELSE '' END) || ${key.sql} || ']'`);
}

function isBetween(node: Syntax, scope: Scope): string {
  const range = part(node, 'Right');
  return between(operand(node, 'Left', scope), operand(range, 'First', scope), operand(range, 'Second', scope));
}

function membership(node: Syntax, scope: Scope, fold: boolean): string {
  const items = part(part(node, 'Right'), 'Expressions').children.map(
    (item): Item => (item.columns === undefined ? { value: scalar(item, scope) } : { table: scope.tabular(item) }),
  );
  return isIn(operand(node, 'Left', scope), items, fold);
}

function values(node: Syntax, scope: Scope): Scalar[] {
  return part(part(node, 'Right'), 'Expressions').children.map((item) => {
    if (item.columns !== undefined) throw untranslatable(item, 'a table here; write it as a list, dynamic([...])');
    return scalar(item, scope);
  });
}

/** The first column of the first row. */
function toScalar(node: Syntax, scope: Scope): string {
  const table = scope.tabular(part(node, 'Expression'));
  const [column] = table.columns.filter(({ hidden }) => !hidden);
  if (column === undefined) throw untranslatable(node, 'a table without columns here');
  return `(SELECT ${convert(column, node.type || 'dynamic')} FROM (${table.sql}) LIMIT 1)`;
}

/** Functions that need to know where they stand. */
const SCOPED: Readonly<
  Record<string, (args: readonly Scalar[], scope: Scope, type: ColumnType, node: Syntax) => string>
> = {
  ingestion_time: (_, scope) => scope.ingested,
  now: ([offset], scope) => `(${scope.nowTicks}${offset === undefined ? '' : ` + ${offset.sql}`})`,
  ago: ([span], scope) => `(${scope.nowTicks} - ${span?.sql})`,
  column_ifexists: ([, otherwise], scope, type, node) => {
    const name = part(part(node, 'ArgumentList'), 'Expressions').children[0]?.value;
    const found = scope.resolve(String(name)) ?? otherwise;
    if (found === undefined) throw untranslatable(node, 'column_ifexists() without a default');
    return convert(found, type);
  },
  pack_all: ([ignoresEmpty], { visible }) => {
    const keep = ({ sql, type }: Scalar): string => (type === 'string' ? `${sql} <> ''` : `${sql} IS NOT NULL`);
    const pairs = visible.map((column) => `${quoteText(column.name)}, ${json(column)}`);
    const kept = visible.map((column) => `CASE WHEN ${keep(column)} THEN ${quoteText(column.name)} END`);
    const all = `json_object(${pairs.join(', ')})::VARCHAR`;
    return ignoresEmpty === undefined
      ? all
      : `(CASE WHEN ${ignoresEmpty.sql} THEN pick_keys(${all}, [${kept.join(', ')}]) ELSE ${all} END)`;
  },
};

function call(node: Syntax, scope: Scope): string {
  const name = part(node, 'Name').text;
  // The parser has used `typeof(...)`: it is the type of the call.
  const nodes = part(part(node, 'ArgumentList'), 'Expressions').children.filter(
    ({ kind }) => kind !== 'TypeOfLiteralExpression',
  );
  const args = nodes.flatMap((arg): readonly Scalar[] =>
    arg.kind === 'StarExpression' ? scope.visible : [scalar(arg, scope)],
  );
  const type = node.type || 'dynamic';
  const scoped = SCOPED[name];
  if (scoped !== undefined) return scoped(args, scope, type, node);
  const translate = FUNCTIONS[name] ?? AGGREGATES[name];
  if (translate === undefined) throw untranslatable(node, `the function ${name}()`);
  const sql = translate(args, type);
  if (sql === undefined) throw untranslatable(node, `${name}() of these arguments`);
  return sql;
}
