import type { Names } from './changing.ts';
import { checkStages } from './checks.ts';
import { readLets } from './lets.ts';
import type { ExportQuery } from './query.ts';
import { readStage } from './stage.ts';
import { TABLE_NAMES, TABLES } from './tables.ts';
import { at, TokenError } from './tokens.ts';
import { isCall, isQuery, type Node, readTree, split, unwrap, walk } from './tree.ts';
import { byWord } from './words.ts';

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

const FORM = 'expected a table and operators, such as AppRequests | where Success == false';

/** Statements and functions that people begin a query with, and why that cannot be exported. */
const NO_TABLE = byWord({
  set: 'leave it out, options of the query tool have no place in an export',
  declare: 'leave it out, and write the values into the query',
  alias: 'leave it out',
  union: 'give each table an export of its own',
  'search find': "begin with one table, then where * has 'text'",
  'print range datatable externaldata': 'begin with a table, whose rows are exported',
  app:
    'begin with a table of the workspace, such as AppRequests, and choose the app with ' +
    "where _ResourceId =~ '...', or set its resource id as <NAME>_SOURCE",
  workspace: 'set the id of that workspace as <NAME>_SOURCE',
  'database cluster': 'begin with a table of the workspace, such as AppRequests',
  table: 'write the name of the table without table()',
  materialize: 'write the query without materialize()',
  'select SELECT': `that is SQL, and Logs speaks KQL: ${FORM}`,
});

/** Functions in brackets that read another table. */
const READING = new Set(
  'adx app arg cluster database external_table externaldata materialize resource table toscalar workspace'.split(' '),
);

/**
 * Reads `[let <name> = <value>; ...] <table> | <operator> ...` and refuses what would lose or mix rows when a window is
 * split or asked for again. Queries in brackets (`in ((Other | project Id))`, `toscalar(...)`) may read what they like:
 * they decide which rows there are, but each row of the answer is still exported once.
 * @param inOldNames a table may have the name that it has in Application Insights' own scope.
 * @throws KqlError with every problem.
 */
export function parseExportQuery(text: string, { inOldNames = false } = {}): ExportQuery {
  const nodes = read(text);
  const ends = nodes.filter((node) => node.text === ';');
  const statements = split(nodes, ';');
  const count = statements.findIndex(([first]) => first?.text !== 'let');
  const letStatements = count === -1 ? statements : statements.slice(0, count);
  const [main = [], ...others] = statements.slice(letStatements.length);
  const { lets, problems: letProblems } = readLets(letStatements);
  const pipes = main.filter((node) => node.text === '|');
  const [begin = [], ...operators] = split(main, '|');
  const stages = pipes.map((pipe, index) => readStage(text, pipe, operators[index] ?? []));
  const table = tableName(begin, text);
  const second = NO_TABLE.has(table) ? undefined : secondQuery(main, others.flat()[0], text);
  const problems = [
    ...letProblems,
    table !== '' && second !== undefined ? undefined : checkTable(table, begin, text, lets, inOldNames),
    ...checkStages(stages, table, lets),
    second,
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new KqlError(problems);

  const [pipe] = pipes;
  return {
    ...(count > 0 && { lets: text.slice(nodes[0]?.start, ends[count - 1]?.end) }),
    table,
    rest: pipe === undefined ? '' : text.slice(pipe.end, ends[count]?.start).trim(),
    ...(readsOthers(nodes, lets) && { readsOthers: true }),
  };
}

function read(text: string): readonly Node[] {
  try {
    return readTree(text);
  } catch (cause) {
    throw cause instanceof TokenError ? new KqlError([cause.message], { cause }) : cause;
  }
}

/** A plain name or `['quoted name']` at the beginning; empty when there is none. */
function tableName([first]: readonly Node[], text: string): string {
  if (first?.kind === 'word' && !first.text.startsWith('$')) return first.text;
  const quoted = first === undefined ? '' : text.slice(first.start, first.end);
  return /^\[\s*(?:'[^'\\\n]+'|"[^"\\\n]+")\s*\]$/.test(quoted) ? quoted : '';
}

function checkTable(
  table: string,
  [first, next]: readonly Node[],
  text: string,
  lets: Names['lets'],
  inOldNames: boolean,
): string | undefined {
  if (first === undefined) return `found nothing${lets.size > 0 ? ' behind let' : ''}, ${FORM}`;
  const reason = NO_TABLE.get(table);
  if (reason !== undefined) return `begins with ${table}: ${reason}`;
  if (lets.has(table)) return `begins with ${table}, which let declares: begin with the table itself`;
  if (table !== '' && next?.text === '(') {
    return `${table}() is a function: a saved function has no time of ingestion, begin with the table that it reads`;
  }
  const wrong = table === '' ? first : next;
  if (wrong !== undefined) return `found "${excerpt(text, wrong.start)}" ${at(wrong.start)}, ${FORM}`;
  const [, newName] = Object.entries(TABLES).find(([name]) => name.toLowerCase() === table.toLowerCase()) ?? [];
  if (newName === undefined || (inOldNames && Object.hasOwn(TABLES, table))) return undefined;
  const columns = 'its columns have other names (timestamp is TimeGenerated)';
  return `the table ${table} is called ${newName} in a workspace, and ${columns}: write ${newName}`;
}

/** A query behind the first one: behind a semicolon, or on a line of its own. */
function secondQuery(nodes: readonly Node[], second: Node | undefined, text: string): string | undefined {
  const begins = nodes.find((node, index) => {
    const gap = text.slice(nodes[index - 1]?.end, node.start);
    return index > 0 && TABLE_NAMES.has(node.text) && gap.includes('\n');
  });
  const start = begins?.start ?? second?.start;
  if (start === undefined) return undefined;
  return (
    `found a second query ${at(start)} ("${excerpt(text, start)}"): an export is one query, give each a setting ` +
    '<NAME>_KQL of its own'
  );
}

/** Whether some part in brackets reads another table, and so another one's rows at the time of the query. */
function readsOthers(nodes: readonly Node[], lets: Names['lets']): boolean {
  return walk(nodes).some((place) => {
    const { node, before } = place;
    if (isCall(place) && READING.has(node.text)) return true;
    if (node.text === 'union' || isQuery(node.inner)) return true;
    const isList = node.text === '(' && (before?.text === 'in' || before?.text === '~');
    const [only, more] = unwrap(node.inner);
    return isList && only?.kind === 'word' && more === undefined && !lets.has(only.text);
  });
}

function excerpt(text: string, start: number): string {
  const line = text.slice(start).split('\n')[0] ?? '';
  return line.length > 30 ? `${line.slice(0, 30)}...` : line;
}
