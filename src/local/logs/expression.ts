import { AGGREGATES, FUNCTIONS, TEXT_OPERATORS } from './functions.ts';
import { type ColumnType, KqlError, type Syntax } from './kusto.ts';
import { convert, decimalNumber, quoteText, type Scalar, SQL_TYPES } from './sql.ts';
import { EPOCH_TICKS, parseTicks, parseTimespan } from './ticks.ts';

/** What the names and functions of an expression stand for. */
export interface Scope {
  /** The SQL of a column or of a `let`. */
  resolve(name: string): string | undefined;
  /** SQL for `estimate_data_size(*)`: the columns that `*` means. */
  readonly visible: readonly Scalar[];
  /** SQL of the row's ingestion time, or NULL. */
  readonly ingested: string;
  /** What `now()` is, in ticks. */
  readonly nowTicks: bigint;
}

/** Refuses what the parser allows and this translation does not know. */
export function untranslatable(node: Syntax, what: string): KqlError {
  const message = `The local Logs emulator does not translate ${what}. Found '${node.text.slice(0, 60)}'. Rewrite the query without it.`;
  return new KqlError('SemanticError', message, node.start);
}

/** Translates a bound scalar expression. */
export function scalar(node: Syntax, scope: Scope): Scalar {
  const type = node.type || 'dynamic';
  if (node.kind.endsWith('LiteralExpression') || node.kind === 'DynamicExpression') return { sql: literal(node), type };
  const translate = NODES[node.kind] ?? binary(node.kind);
  if (translate === undefined) throw untranslatable(node, `the expression ${node.kind}`);
  return { sql: translate(node, scope), type };
}

type Translate = (node: Syntax, scope: Scope) => string;

const NODES: Readonly<Record<string, Translate>> = {
  NameReference: (node, scope) => {
    const sql = scope.resolve(node.symbol);
    if (sql === undefined) throw untranslatable(node, 'this name');
    return sql;
  },
  ParenthesizedExpression: (node, scope) => `(${scalar(part(node, 'Expression'), scope).sql})`,
  SimpleNamedExpression: (node, scope) => scalar(part(node, 'Expression'), scope).sql,
  UnaryMinusExpression: (node, scope) => `(-${scalar(part(node, 'Expression'), scope).sql})`,
  UnaryPlusExpression: (node, scope) => scalar(part(node, 'Expression'), scope).sql,
  PathExpression: (node, scope) =>
    member(node, scope, quoteText(`$.${JSON.stringify(nameOf(part(node, 'Selector')))}`)),
  ElementExpression: (node, scope) => {
    const selector = part(part(node, 'Selector'), 'Expression');
    const key = scalar(selector, scope);
    if (key.type === 'string') return member(node, scope, `'$."' || ${key.sql} || '"'`);
    return member(node, scope, `'$[' || (CASE WHEN ${key.sql} < 0 THEN '#' ELSE '' END) || ${key.sql} || ']'`);
  },
  FunctionCallExpression: call,
  AndExpression: (node, scope) => `(${operand(node, 'Left', scope).sql} AND ${operand(node, 'Right', scope).sql})`,
  OrExpression: (node, scope) => `(${operand(node, 'Left', scope).sql} OR ${operand(node, 'Right', scope).sql})`,
  BetweenExpression: between,
  NotBetweenExpression: (node, scope) => `(NOT ${between(node, scope)})`,
};

/** A part of a node that the grammar guarantees. */
export function part(node: Syntax, role: string): Syntax {
  const child = node.child(role);
  if (child === undefined) throw untranslatable(node, `${node.kind} without ${role}`);
  return child;
}

/** The name that a name declaration, a reference or a member selector stands for. */
export function nameOf(node: Syntax): string {
  return node.symbol || node.text.replace(/^\[\s*['"]|['"]\s*\]$/g, '');
}

function operand(node: Syntax, role: string, scope: Scope): Scalar {
  return scalar(part(node, role), scope);
}

function member(node: Syntax, scope: Scope, path: string): string {
  return `member(${operand(node, 'Expression', scope).sql}, ${path})`;
}

function call(node: Syntax, scope: Scope): string {
  const name = part(node, 'Name').text;
  const nodes = part(part(node, 'ArgumentList'), 'Expressions').children;
  const args = nodes.flatMap((arg) => (arg.kind === 'StarExpression' ? scope.visible : [scalar(arg, scope)]));
  if (name === 'ingestion_time') return scope.ingested;
  if (name === 'now') return `(${scope.nowTicks}${args[0] ? ` + ${args[0].sql}` : ''})`;
  if (name === 'ago') return `(${scope.nowTicks} - ${args[0]?.sql})`;
  const translate = FUNCTIONS[name] ?? AGGREGATES[name];
  if (translate === undefined) throw untranslatable(node, `the function ${name}()`);
  return translate(args, node.type || 'dynamic');
}

/** Brings both sides to one type, as a comparison needs them. */
function alike(left: Scalar, right: Scalar): [string, string] {
  if (left.type === 'decimal' || right.type === 'decimal') return [decimalNumber(left), decimalNumber(right)];
  if (left.type === 'dynamic' && right.type !== 'dynamic') return [convert(left, right.type), right.sql];
  if (right.type === 'dynamic' && left.type !== 'dynamic') return [left.sql, convert(right, left.type)];
  return [left.sql, right.sql];
}

const COMPARISONS: Readonly<Record<string, string>> = {
  EqualExpression: '=',
  NotEqualExpression: '<>',
  LessThanExpression: '<',
  LessThanOrEqualExpression: '<=',
  GreaterThanExpression: '>',
  GreaterThanOrEqualExpression: '>=',
};

const ARITHMETIC: Readonly<Record<string, string>> = {
  AddExpression: '+',
  SubtractExpression: '-',
  MultiplyExpression: '*',
  DivideExpression: '/',
  ModuloExpression: '%',
};

function binary(kind: string): Translate | undefined {
  const comparison = COMPARISONS[kind];
  if (comparison !== undefined) {
    return (node, scope) => {
      const [left, right] = alike(operand(node, 'Left', scope), operand(node, 'Right', scope));
      return `(${left} ${comparison} ${right})`;
    };
  }
  const arithmetic = ARITHMETIC[kind];
  if (arithmetic !== undefined) return (node, scope) => compute(node, scope, arithmetic);
  if (/^(Not)?In(Cs)?Expression$/.test(kind)) return isIn;
  if (kind === 'EqualTildeExpression' || kind === 'BangTildeExpression') {
    return (node, scope) => {
      const [left, right] = ['Left', 'Right'].map((role) => lower(operand(node, role, scope)));
      return `(${left} ${kind === 'BangTildeExpression' ? '<>' : '='} ${right})`;
    };
  }
  return textOperator(kind);
}

function lower(value: Scalar): string {
  return `lower(${convert(value, 'string')})`;
}

function compute(node: Syntax, scope: Scope, operator: string): string {
  const [left, right] = [operand(node, 'Left', scope), operand(node, 'Right', scope)];
  const type = node.type || 'dynamic';
  if (type === 'decimal') {
    if (operator !== '+' && operator !== '-') throw untranslatable(node, `'${operator}' of decimals`);
    return `CAST(${decimalNumber(left)} ${operator} ${decimalNumber(right)} AS VARCHAR)`;
  }
  const [a, b] = [left, right].map((value) => (value.type === 'dynamic' ? convert(value, 'real') : value.sql));
  if (operator === '/' && type === 'long') return `(${a} // ${b})`;
  // Dates count from year 1 in Kusto and from 1970 here: only a difference of two is the same number.
  if (operator === '%' && left.type === 'datetime') return `floor_mod(${a} + ${EPOCH_TICKS}, ${b})`;
  const sum = operator === '/' ? `(CAST(${a} AS DOUBLE) / ${b})` : `(${a} ${operator} ${b})`;
  return `CAST(${sum} AS ${SQL_TYPES[type === 'dynamic' ? 'real' : type]})`;
}

/** `in~` is named `InCs` by the parser. */
function isIn(node: Syntax, scope: Scope): string {
  const left = operand(node, 'Left', scope);
  const fold = node.kind.includes('Cs');
  const items = part(part(node, 'Right'), 'Expressions').children.map((item) => {
    const element = item.columns === undefined ? scalar(item, scope) : undefined;
    if (element === undefined || element.type === 'dynamic')
      throw untranslatable(item, "'in' over anything but a list");
    const [value, other] = fold ? [lower(left), lower(element)] : alike(left, element);
    return `${value} = ${other}`;
  });
  return `(${node.kind.startsWith('Not') ? 'NOT ' : ''}(${items.join(' OR ')}))`;
}

function between(node: Syntax, scope: Scope): string {
  const value = operand(node, 'Left', scope);
  const low = scalar(part(part(node, 'Right'), 'First'), scope);
  const high = scalar(part(part(node, 'Right'), 'Second'), scope);
  const [left, from] = alike(value, low);
  if (value.type === 'datetime' && high.type === 'timespan')
    return `(${left} BETWEEN ${from} AND ${from} + ${high.sql})`;
  const [again, until] = alike(value, high);
  return `(${left} >= ${from} AND ${again} <= ${until})`;
}

function textOperator(kind: string): Translate | undefined {
  if (kind === 'MatchesRegexExpression') {
    return (node, scope) =>
      `regexp_matches(${convert(operand(node, 'Left', scope), 'string')}, ${operand(node, 'Right', scope).sql})`;
  }
  if (kind === 'HasAnyExpression' || kind === 'HasAllExpression') {
    return (node, scope) => {
      const left = lower(operand(node, 'Left', scope));
      const terms = part(part(node, 'Right'), 'Expressions').children.map((item) => lower(scalar(item, scope)));
      const each = terms.map((right) => TEXT_OPERATORS.Has?.(left, right));
      return `(${each.join(kind === 'HasAnyExpression' ? ' OR ' : ' AND ')})`;
    };
  }
  const match = /^(Not)?([A-Za-z]+?)(Cs)?Expression$/.exec(kind);
  const operator = TEXT_OPERATORS[match?.[2] ?? ''];
  if (match === null || operator === undefined) return undefined;
  return (node, scope) => {
    const [left, right] = ['Left', 'Right'].map((role) => {
      const value = operand(node, role, scope);
      return match[3] === undefined ? lower(value) : convert(value, 'string');
    });
    return `(${match[1] === undefined ? '' : 'NOT '}${operator(left ?? '', right ?? '')})`;
  };
}

/** What stands between the brackets of `long(5)`, or the whole of `5`. */
function inner(node: Syntax): string {
  return (/^[a-z0-9_]+\s*\((.*)\)$/is.exec(node.text)?.[1] ?? node.text).trim();
}

function literal(node: Syntax): string {
  if (node.kind === 'DynamicExpression') return dynamicLiteral(part(node, 'Expression'));
  if (typeof node.value === 'string' && node.type === 'string') return quoteText(node.value);
  const text = inner(node);
  const type = node.type || 'dynamic';
  if (text === 'null' || text === '') return `CAST(NULL AS ${SQL_TYPES[type]})`;
  const sql = LITERALS[type]?.(text);
  if (sql === undefined) throw untranslatable(node, `this ${node.kind}`);
  return sql;
}

const LITERALS: Partial<Record<ColumnType, (text: string) => string | undefined>> = {
  bool: (text) => String(text.toLowerCase() === 'true' || text === '1'),
  int: (text) => integer(text, 'INTEGER'),
  long: (text) => integer(text, 'BIGINT'),
  real: (text) => `CAST('${text.replace('+inf', 'inf')}' AS DOUBLE)`,
  decimal: quoteText,
  guid: (text) => quoteText(text.replace(/^['"]|['"]$/g, '').toLowerCase()),
  datetime: (text) => parseTicks(text.replace(/^['"]|['"]$/g, ''))?.toString(),
  timespan: (text) => parseTimespan(text.replace(/^['"]|['"]$/g, ''))?.toString(),
};

function integer(text: string, type: string): string | undefined {
  const match = /^(-?)(0x[0-9a-f]+|\d+)$/i.exec(text);
  return match === null ? undefined : `CAST(${match[1]}${BigInt(match[2] ?? 0)} AS ${type})`;
}

/** The language allows JSON with single quotes and the like, which the service rewrites and this does not. */
function dynamicLiteral(node: Syntax): string {
  if (node.kind === 'NullLiteralExpression') return 'CAST(NULL AS VARCHAR)';
  if (!node.kind.startsWith('Json')) return convert({ sql: literal(node), type: node.type || 'string' }, 'dynamic');
  try {
    JSON.parse(node.text);
  } catch {
    throw untranslatable(node, 'a dynamic literal that is not plain JSON');
  }
  return quoteText(node.text);
}
