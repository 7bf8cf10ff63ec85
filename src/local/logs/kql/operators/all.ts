import type { Operator } from '../context.ts';
import { scalar } from '../expression.ts';
import { part } from '../syntax.ts';
import { extend, pick, project, rename } from './columns.ts';
import { mvExpand } from './expand.ts';
import { join, lookup } from './join.ts';
import { parse, parseKeyValues } from './parse.ts';
import { sort, take, top } from './sort.ts';
import { count, getSchema } from './sources.ts';
import { distinct, summarize } from './summarize.ts';
import { union } from './union.ts';

const where: Operator = (node, from, context) => {
  const condition = scalar(part(node, 'Condition'), context.scope(from)).sql;
  return { ...from, sql: `SELECT * FROM (${from.sql}) WHERE ${condition}` };
};

const unchanged: Operator = (_, from) => from;

/** The operators that are translated, by the parser's names. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  AsOperator: unchanged,
  CountOperator: count,
  DistinctOperator: distinct,
  ExtendOperator: extend,
  FilterOperator: where,
  GetSchemaOperator: getSchema,
  JoinOperator: join,
  LookupOperator: lookup,
  MvExpandOperator: mvExpand,
  ParseKvOperator: parseKeyValues,
  ParseOperator: parse,
  ParseWhereOperator: parse,
  ProjectAwayOperator: pick,
  ProjectKeepOperator: pick,
  ProjectOperator: project,
  ProjectRenameOperator: rename,
  ProjectReorderOperator: pick,
  RenderOperator: unchanged,
  SampleOperator: take,
  SerializeOperator: extend,
  SortOperator: sort,
  SummarizeOperator: summarize,
  TakeOperator: take,
  TopOperator: top,
  UnionOperator: union,
};
