import { refusal } from './operators.ts';
import type { ExportQuery } from './query.ts';
import { TABLES } from './tables.ts';
import { at, type Token, TokenError, tokenize } from './tokens.ts';

/** A query that cannot be exported without losing or mixing rows, or cannot be read. */
export class KqlError extends Error {
  override readonly name = 'KqlError';
  /** Each says what was found and what to write instead. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('; '), options);
    this.problems = problems;
  }
}

/** Statements and functions that people begin a query with, and why that cannot be exported. */
const NO_TABLE: Readonly<Record<string, string>> = {
  let: 'put the value into the query itself, several statements cannot be exported',
  set: 'leave it out, several statements cannot be exported',
  declare: 'leave it out, several statements cannot be exported',
  union: 'give each table an export of its own',
  search: 'begin with one table, then where',
  find: 'begin with one table, then where',
  app: 'begin with a table of the workspace, such as AppRequests, and choose the app with where _ResourceId',
  workspace: 'give each workspace an installation of its own',
  database: 'begin with a table of the workspace',
  cluster: 'begin with a table of the workspace',
  table: 'write the name of the table without table()',
};

/**
 * Reads `<table> | <operator> ...` and refuses what would lose or mix rows when a window is split or asked for again.
 * Only the outer operators count. Queries in brackets (`in ((Other | project Id))`, `toscalar(...)`) may read what they
 * like: they decide which rows there are, as `now()` does, but each row of the answer is still exported once.
 * @throws KqlError with every problem.
 */
export function parseExportQuery(text: string): ExportQuery {
  let tokens: Token[];
  try {
    tokens = outer(text);
  } catch (cause) {
    throw cause instanceof TokenError ? new KqlError([cause.message], { cause }) : cause;
  }
  const table = tableName(tokens, text);
  const operators = tokens.flatMap((token, index) =>
    token.kind === 'pipe' ? [operator(text, tokens[index + 1])] : [],
  );
  const problems = [checkTable(table, tokens, text), ...operators.map(checkOperator), checkStatements(tokens, text)];
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length > 0) throw new KqlError(found);

  const pipe = tokens.find(({ kind }) => kind === 'pipe');
  const end = tokens.find(({ kind }) => kind === 'semicolon')?.start ?? text.length;
  return { table, rest: pipe === undefined ? '' : text.slice(pipe.start + 1, end).trim() };
}

/** The tokens outside brackets. Of a pair of brackets both stay, for `['a table']` and `f(x)`. */
function outer(text: string): Token[] {
  const closing: Record<string, string> = { '(': ')', '[': ']', '{': '}' };
  const open: Token[] = [];
  const outside: Token[] = [];
  for (const token of tokenize(text)) {
    if (token.kind === 'close') {
      const begin = open.pop();
      if (begin === undefined || closing[begin.text] !== token.text) {
        throw new TokenError(`"${token.text}" ${at(token.start)} closes nothing: check the brackets`);
      }
    }
    if (open.length === 0) outside.push(token);
    if (token.kind === 'open') open.push(token);
  }
  const left = open.pop();
  if (left !== undefined) throw new TokenError(`"${left.text}" ${at(left.start)} is not closed: check the brackets`);
  return outside;
}

/** A plain name or `['quoted name']` at the beginning; empty when there is none. */
function tableName(tokens: readonly Token[], text: string): string {
  const [first, second] = tokens;
  if (first?.kind === 'word' && !first.text.startsWith('$')) return first.text;
  if (first?.text !== '[' || second?.text !== ']') return '';
  const quoted = text.slice(first.start, second.start + 1);
  return /^\[\s*(?:'[^'\\\n]+'|"[^"\\\n]+")\s*\]$/.test(quoted) ? quoted : '';
}

function checkTable(table: string, tokens: readonly Token[], text: string): string | undefined {
  const [first] = tokens;
  const form = 'expected a table and operators, such as AppRequests | where Success == false';
  if (first === undefined) return `found nothing, ${form}`;
  const workspaceTable = Object.entries(TABLES).find(([name]) => name.toLowerCase() === table.toLowerCase())?.[1];
  const next = tokens[table.startsWith('[') ? 2 : 1];
  if (table !== '' && (next === undefined || next.kind === 'pipe' || next.kind === 'semicolon')) {
    if (workspaceTable === undefined) return undefined;
    return `the table ${table} is called ${workspaceTable} in a workspace, and its columns have other names (timestamp is TimeGenerated): write ${workspaceTable}`;
  }
  const reason = Object.hasOwn(NO_TABLE, table) ? NO_TABLE[table] : undefined;
  if (reason !== undefined) return `begins with ${table}: ${reason}`;
  const found = table === '' ? first : next;
  return `found "${excerpt(text, found?.start ?? 0)}" ${at(found?.start ?? 0)}, ${form}`;
}

interface Operator {
  readonly name: string;
  readonly start: number;
}

/** The operator's name with its hyphens; empty when there is none. */
function operator(text: string, token: Token | undefined): Operator {
  if (token?.kind !== 'word') return { name: '', start: token?.start ?? text.length };
  return { name: /^[A-Za-z_]\w*(?:-[A-Za-z]\w*)*/.exec(text.slice(token.start))?.[0] ?? '', start: token.start };
}

function checkOperator({ name, start }: Operator): string | undefined {
  if (name === '') return `found no operator behind a pipe, ${at(start)}: write one or leave the pipe out`;
  const reason = refusal(name);
  return reason === undefined ? undefined : `"${name}" ${at(start)} ${reason}`;
}

function checkStatements(tokens: readonly Token[], text: string): string | undefined {
  const semicolon = tokens.findIndex(({ kind }) => kind === 'semicolon');
  const behind = semicolon === -1 ? undefined : tokens[semicolon + 1];
  if (behind === undefined) return undefined;
  return `found a second statement ${at(behind.start)} ("${excerpt(text, behind.start)}"): an export is one query, leave out all but it`;
}

function excerpt(text: string, start: number): string {
  const line = text.slice(start).split('\n')[0] ?? '';
  return line.length > 30 ? `${line.slice(0, 30)}...` : line;
}
