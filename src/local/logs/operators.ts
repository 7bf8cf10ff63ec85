import { nameOf, part, scalar, untranslatable } from './expression.ts';
import type { Frame, FrameColumn } from './frame.ts';
import type { Column, Syntax } from './kusto.ts';
import { convert, quoteText, type Scalar, SQL_TYPES } from './sql.ts';
import type { Context } from './translate.ts';

/** One operator of a pipeline: the frame behind it from the frame before it. */
type Operator = (node: Syntax, from: Frame, context: Context) => Frame;

const NO_INGESTION_TIME = 'CAST(NULL AS BIGINT)';
/** Carried through projections beside the columns that are asked for. */
const CARRIED = '"$carried"';

/** The operators that are translated, by the parser's names. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  FilterOperator: (node, from, context) => {
    const condition = scalar(part(node, 'Condition'), context.scope(from)).sql;
    return { ...from, sql: `SELECT * FROM (${from.sql}) WHERE ${condition}` };
  },
  ExtendOperator: extend,
  ProjectOperator: project,
  ProjectAwayOperator: (node, from) => pick(node, from),
  ProjectKeepOperator: (node, from) => pick(node, from),
  ProjectReorderOperator: (node, from) => pick(node, from),
  ProjectRenameOperator: rename,
  CountOperator: (_, from) => ({
    sql: `SELECT count(*) AS "Count" FROM (${from.sql})`,
    columns: [{ name: 'Count', type: 'long', sql: '"Count"', hidden: false }],
    ingested: NO_INGESTION_TIME,
  }),
  SummarizeOperator: summarize,
  DistinctOperator: distinct,
  SortOperator: (node, from, context) => {
    const keys = part(node, 'Expressions').children.map((key) => ordering(key, from, context));
    return { ...from, sql: `SELECT * FROM (${from.sql}) ORDER BY ${keys.join(', ')}` };
  },
  TakeOperator: (node, from, context) => ({
    ...from,
    sql: `SELECT * FROM (${from.sql}) LIMIT ${scalar(part(node, 'Expression'), context.scope(from)).sql}`,
  }),
  TopOperator: (node, from, context) => {
    const limit = scalar(part(node, 'Expression'), context.scope(from)).sql;
    const key = ordering(part(node, 'ByExpression'), from, context);
    return { ...from, sql: `SELECT * FROM (${from.sql}) ORDER BY ${key} LIMIT ${limit}` };
  },
  ParseOperator: parse,
  ParseWhereOperator: parse,
  MvExpandOperator: mvExpand,
  UnionOperator: union,
  GetSchemaOperator: getSchema,
  SerializeOperator: (node, from, context) => extend(node, from, context),
};

/** The columns that the parser found behind an operator. */
function resultColumns(node: Syntax): readonly Column[] {
  return node.columns ?? [];
}

function find(frame: Frame, name: string, node: Syntax): FrameColumn {
  const column = frame.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw untranslatable(node, `the column '${name}' here`);
  return column;
}

/** Named expressions as SQL, with the columns that they make. The names are those that the parser chose. */
function compute(nodes: readonly Syntax[], names: readonly Column[], from: Frame, context: Context) {
  const scope = context.scope(from);
  const columns: FrameColumn[] = [];
  const selected = nodes.map((node, index) => {
    const { name, type } = names[index] ?? { name: '', type: 'dynamic' };
    if (node.kind === 'CompoundNamedExpression') throw untranslatable(node, 'several names for one expression');
    const value = scalar(node, scope);
    const sql = context.fresh();
    columns.push({ name, type, sql, hidden: false });
    return `${value.type === type ? value.sql : convert(value, type)} AS ${sql}`;
  });
  return { columns, selected };
}

function extend(node: Syntax, from: Frame, context: Context): Frame {
  const items = node.child('Expressions')?.children ?? [];
  const result = resultColumns(node);
  const given = items.map((item) => (item.kind === 'SimpleNamedExpression' ? nameOf(part(item, 'Name')) : item.symbol));
  const known = new Set([...from.columns.map(({ name }) => name), ...given]);
  const unnamed = result.filter(({ name }) => !known.has(name));
  const names = items.map((item, index): Column => {
    const name = given[index] ?? '';
    const column = result.find((candidate) => candidate.name === name) ?? unnamed.shift();
    if (column === undefined) throw untranslatable(item, 'this item of extend');
    return column;
  });
  const made = compute(items, names, from, context);
  if (made.selected.length === 0) return from;
  const columns = result.map(
    ({ name }) => made.columns.findLast((column) => column.name === name) ?? find(from, name, node),
  );
  return { ...from, sql: `SELECT *, ${made.selected.join(', ')} FROM (${from.sql})`, columns };
}

function project(node: Syntax, from: Frame, context: Context): Frame {
  const items = node.child('Expressions')?.children ?? [];
  const made = compute(items, resultColumns(node), from, context);
  const selected = [...made.selected, `${from.ingested} AS ${CARRIED}`];
  return { sql: `SELECT ${selected.join(', ')} FROM (${from.sql})`, columns: made.columns, ingested: CARRIED };
}

/** `project-away`, `-keep` and `-reorder` only choose: a column stays hidden unless it is named in full. */
function pick(node: Syntax, from: Frame): Frame {
  const named = new Set(part(node, 'Expressions').children.map((item) => item.text.split(/\s/)[0]));
  const columns = resultColumns(node).map(({ name }) => {
    const column = find(from, name, node);
    return named.has(name) ? { ...column, hidden: false } : column;
  });
  return { ...from, columns };
}

function rename(node: Syntax, from: Frame): Frame {
  const names = new Map(
    part(node, 'Expressions').children.map((item) => [nameOf(part(item, 'Expression')), nameOf(part(item, 'Name'))]),
  );
  const columns = from.columns.map((column) => {
    const name = names.get(column.name);
    return name === undefined ? column : { ...column, name, hidden: false };
  });
  return { ...from, columns };
}

function summarize(node: Syntax, from: Frame, context: Context): Frame {
  const by = node.child('ByClause')?.child('Expressions')?.children ?? [];
  const aggregates = node.child('Aggregates')?.children ?? [];
  const made = compute([...by, ...aggregates], resultColumns(node), from, context);
  if (made.columns.length !== resultColumns(node).length) throw untranslatable(node, 'this form of summarize');
  const group = by.length === 0 ? '' : ` GROUP BY ${by.map((_, index) => index + 1).join(', ')}`;
  const sql = `SELECT ${made.selected.join(', ')} FROM (${from.sql})${group}`;
  return { sql, columns: made.columns, ingested: NO_INGESTION_TIME };
}

function distinct(node: Syntax, from: Frame, context: Context): Frame {
  const items = part(node, 'Expressions').children;
  const star = items.some(({ kind }) => kind === 'StarExpression');
  const visible = from.columns.filter(({ hidden }) => !hidden);
  const made = star
    ? { columns: visible, selected: visible.map(({ sql }) => sql) }
    : compute(items, resultColumns(node), from, context);
  const sql = `SELECT DISTINCT ${made.selected.join(', ')} FROM (${from.sql})`;
  return { sql, columns: made.columns, ingested: NO_INGESTION_TIME };
}

/** Kusto sorts downwards unless told, and nulls are the smallest value. */
function ordering(node: Syntax, from: Frame, context: Context): string {
  const key = node.kind === 'OrderedExpression' ? part(node, 'Expression') : node;
  const clause = node.child('Ordering');
  const direction = clause?.child('AscOrDescKeyword')?.text === 'asc' ? 'ASC' : 'DESC';
  const nulls = clause?.child('NullsClause')?.child('FirstOrLastKeyword')?.text;
  const place = nulls ?? (direction === 'ASC' ? 'first' : 'last');
  return `${scalar(key, context.scope(from)).sql} ${direction} NULLS ${place.toUpperCase()}`;
}

/** `parse` of simple patterns: text, `*`, `name` and `name:type`, from the start of the text. */
function parse(node: Syntax, from: Frame, context: Context): Frame {
  const kind = node.child('Parameters')?.text ?? '';
  if (/regex|relaxed|flags/.test(kind)) throw untranslatable(node, `'${kind}'`);
  const patterns = part(node, 'Patterns').children;
  const names: string[] = [];
  const regex = patterns.map((pattern, index) => {
    const all = index === patterns.length - 1 ? '.*' : '.*?';
    if (pattern.kind === 'StringLiteralExpression') return String(pattern.value).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    if (pattern.kind === 'StarExpression') return all;
    names.push(nameOf(pattern.child('Name') ?? pattern));
    return `(${all})`;
  });
  const input = scalar(part(node, 'Expression'), context.scope(from));
  const text = convert(input, 'string');
  const expression = quoteText(`(?s)^${regex.join('')}`);
  const made = names.map((name, index) => {
    const { type } = resultColumns(node).find((column) => column.name === name) ?? { type: 'string' as const };
    const value: Scalar = { sql: `regexp_extract(${text}, ${expression}, ${index + 1})`, type: 'string' };
    return { name, type, sql: context.fresh(), value: convert(value, type), hidden: false };
  });
  const columns = resultColumns(node).map(
    ({ name }) => made.find((column) => column.name === name) ?? find(from, name, node),
  );
  const filter = node.kind === 'ParseWhereOperator' ? ` WHERE regexp_matches(${text}, ${expression})` : '';
  const selected = ['*', ...made.map(({ value, sql }) => `${value} AS ${sql}`)];
  return { ...from, sql: `SELECT ${selected.join(', ')} FROM (${from.sql})${filter}`, columns };
}

/** `mv-expand` of one array or bag; a bag becomes one bag per key. */
function mvExpand(node: Syntax, from: Frame, context: Context): Frame {
  const [item, ...more] = part(node, 'Expressions').children;
  const parameters = node.child('Parameters')?.children.length ?? 0;
  if (item === undefined || more.length > 0 || parameters > 0 || node.child('RowLimitClause') !== undefined) {
    throw untranslatable(node, 'this form of mv-expand');
  }
  const expression = part(item, 'Expression');
  const result = resultColumns(node);
  const named = expression.kind === 'SimpleNamedExpression' ? nameOf(part(expression, 'Name')) : expression.symbol;
  const target = result.find(({ name }) => name === named) ?? result.at(-1);
  if (target === undefined) throw untranslatable(node, 'this form of mv-expand');
  const value = convert(scalar(expression, context.scope(from)), 'dynamic');
  const [raw, sql] = [context.fresh(), context.fresh()];
  const element = convert({ sql: raw, type: 'dynamic' }, target.type);
  const expanded = `SELECT *, unnest(elements(${value})) AS ${raw} FROM (${from.sql})`;
  const made: FrameColumn = { ...target, sql, hidden: false };
  const columns = result.map(({ name }) => (name === target.name ? made : find(from, name, node)));
  return { ...from, sql: `SELECT *, ${element} AS ${sql} FROM (${expanded})`, columns };
}

/** `union` by column names; a column that one side lacks is null there. */
export function union(node: Syntax, from: Frame | undefined, context: Context): Frame {
  const parameters = node.child('Parameters')?.children ?? [];
  const other = parameters.find((parameter) => !/^(kind\s*=\s*outer|isfuzzy\b)/.test(parameter.text));
  if (other !== undefined) throw untranslatable(other, `'${other.text}'`);
  const frames = [...(from === undefined ? [] : [from]), ...part(node, 'Expressions').children.map(context.tabular)];
  const columns = resultColumns(node).map(({ name, type }): FrameColumn => {
    const sources = frames.map((frame) => frame.columns.find((column) => column.name === name));
    if (sources.every((column) => column === undefined)) throw untranslatable(node, `the column '${name}' of a union`);
    return {
      name,
      type,
      sql: context.fresh(),
      hidden: sources.every((column) => column === undefined || column.hidden),
    };
  });
  const selects = frames.map((frame) => {
    const selected = columns.map(({ name, type, sql }) => {
      const column = frame.columns.find((candidate) => candidate.name === name);
      return `${column === undefined ? `CAST(NULL AS ${SQL_TYPES[type]})` : convert(column, type)} AS ${sql}`;
    });
    return `SELECT ${[...selected, `${frame.ingested} AS ${CARRIED}`].join(', ')} FROM (${frame.sql})`;
  });
  return { sql: selects.join(' UNION ALL '), columns, ingested: CARRIED };
}

/** `print`: one row of constants. */
export function print(node: Syntax, context: Context): Frame {
  const empty: Frame = { sql: 'SELECT 1', columns: [], ingested: NO_INGESTION_TIME };
  const made = compute(part(node, 'Expressions').children, resultColumns(node), empty, context);
  return { sql: `SELECT ${made.selected.join(', ')}`, columns: made.columns, ingested: NO_INGESTION_TIME };
}

const DATA_TYPES: Readonly<Record<string, string>> = {
  bool: 'System.SByte',
  datetime: 'System.DateTime',
  decimal: 'System.Data.SqlTypes.SqlDecimal',
  dynamic: 'System.Object',
  guid: 'System.Guid',
  int: 'System.Int32',
  long: 'System.Int64',
  real: 'System.Double',
  string: 'System.String',
  timespan: 'System.TimeSpan',
};

function getSchema(node: Syntax, from: Frame): Frame {
  const rows = from.columns
    .filter(({ hidden }) => !hidden)
    .map(
      ({ name, type }, index) =>
        `(${[quoteText(name), index, quoteText(DATA_TYPES[type] ?? ''), quoteText(type)].join(', ')})`,
    );
  const columns = resultColumns(node).map((column, index) => ({ ...column, sql: `s${index}`, hidden: false }));
  const sql = `SELECT * FROM (VALUES ${rows.join(', ')}) AS s(${columns.map((column) => column.sql).join(', ')})`;
  return { sql, columns, ingested: NO_INGESTION_TIME };
}
