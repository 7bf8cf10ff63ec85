import { type Assigned, assigned, type Stage } from './assigned.ts';
import type { Names } from './changing.ts';
import { checkChange, columnsBehind } from './follow.ts';
import { workspaceColumn } from './old-names.ts';
import { refusal } from './operators.ts';
import { ADDED, ADDED_APART, itemIdColumn } from './query.ts';
import { TABLE_NAMES } from './tables.ts';
import { at } from './tokens.ts';
import { isQuery, type Node, nameOf } from './tree.ts';
import { byWord } from './words.ts';

const ADDED_NAMES: ReadonlySet<string> = new Set([...Object.values(ADDED), ...Object.values(ADDED_APART)]);
/** What other query languages write, and KQL. */
const OTHER_LANGUAGES = byWord({
  AND: 'and',
  OR: 'or',
  NOT: 'not(...)',
  IN: 'in',
  'LIKE like': 'contains or has',
  'is IS': 'isnull(...) or isnotempty(...)',
});
/** Columns that the service writes in lower case. */
const LOWER_CASE: ReadonlySet<string> = new Set(['_ResourceId', '_SubscriptionId']);

/** What the checks of a query's operators have to know of the rest of it. */
export interface Scope {
  readonly table: string;
  readonly lets: ReadonlySet<string>;
  readonly changing: Names['lets'];
}

/** Every problem with the operators of a query, each with the way out. */
export function checkStages(stages: readonly Stage[], { table, lets, changing }: Scope): string[] {
  const all = stages.map((stage) => ({ stage, columns: assigned(stage) }));
  const own = new Set([...lets, ...all.flatMap(({ columns }) => columns.map(({ name }) => name))]);
  let names: Names = { lets: changing, columns: new Map() };
  return all.flatMap(({ stage, columns }) => {
    const refused = checkOperator(stage);
    if (refused !== undefined) return [refused];
    const problems = [
      checkSyntax(stage),
      checkLimit(stage),
      ...columns.map((column) => checkAdded(column, table)),
      checkChange(stage, names),
      ...checkCase(stage.args),
      ...checkOldNames(stage.args, table, own),
    ];
    names = { ...names, columns: columnsBehind(stage, names) };
    return problems.filter((problem) => problem !== undefined);
  });
}

function checkOperator({ name, start }: Stage): string | undefined {
  if (name === '') {
    return `found no operator behind a pipe, ${at(start)}: write one or leave the pipe out (|| is written or)`;
  }
  const reason = refusal(name);
  return reason === undefined ? undefined : `"${name}" ${at(start)} ${reason}`;
}

/** What is written in another language. */
function checkSyntax({ name, args }: Stage): string | undefined {
  if (name !== 'where' && name !== 'filter') return undefined;
  for (const node of args) {
    const instead = OTHER_LANGUAGES.get(node.text);
    if (node.text === '=') return `"=" ${at(node.start)} compares nothing: write == or =~`;
    if (instead !== undefined) return `"${node.text}" ${at(node.start)} is another language's: write ${instead}`;
  }
  return undefined;
}

function checkLimit({ name, args }: Stage): string | undefined {
  if (name !== 'mv-expand') return undefined;
  const limit = args.find((node, index) => {
    const next = args[index + 1];
    return node.text === 'limit' && next?.kind === 'other' && /^(\d|int|long)/.test(next.text);
  });
  return limit && `"limit" ${at(limit.start)} drops the elements beyond it: leave it out`;
}

function checkAdded({ node, name }: Assigned, table: string): string | undefined {
  // In the old terms it is the column by which rows are told apart.
  if (name === itemIdColumn({ table }) && name !== '_ItemId')
    return `"${name}" ${at(node.start)} is the column that tells rows apart: give yours another name`;
  if (!ADDED_NAMES.has(name)) return undefined;
  return `"${name}" ${at(node.start)} is the name of a column that the export adds: give yours another one`;
}

/** Comparisons with a text in capitals of columns that the service writes in lower case: they never hold, or always. */
function checkCase(nodes: readonly Node[]): string[] {
  return nodes.flatMap((node, index) => {
    if (node.inner !== undefined) return checkCase(node.inner);
    if (!LOWER_CASE.has(node.text)) return [];
    const [operator, operand] = nodes.slice(index + (nodes[index + 1]?.text === '!' ? 2 : 1));
    const instead = operator && withoutCase(operator.text);
    const texts = operand === undefined ? [] : [operand, ...(operand.text === '(' ? (operand.inner ?? []) : [])];
    if (instead === undefined || !texts.some(({ kind, text }) => kind === 'string' && /[A-Z]/.test(text))) return [];
    return [
      `"${node.text} ${operator?.text}" ${at(node.start)} finds no capitals, for ${node.text} is in lower case: ` +
        `write ${instead}`,
    ];
  });
}

/** The operator that compares without case; `undefined` when this one does. */
function withoutCase(operator: string): string | undefined {
  if (operator.endsWith('_cs')) return operator.slice(0, -'_cs'.length);
  return { '==': '=~', '!=': '!~', in: 'in~' }[operator];
}

/** Columns in the terms of Application Insights' own scope, which no workspace knows. */
function checkOldNames(nodes: readonly Node[], table: string | undefined, own: ReadonlySet<string>): string[] {
  return nodes.flatMap((node, index) => {
    const { inner, kind, text, start } = node;
    if (inner !== undefined && isQuery(inner)) {
      const made = assigned({ name: 'extend', start, args: inner }).map(({ name }) => name);
      return checkOldNames(inner, nameOf(inner[0]), new Set([...own, ...made]));
    }
    if (inner !== undefined) return checkOldNames(inner, table, own);
    const isColumn = kind === 'word' && nodes[index - 1]?.text !== '.' && nodes[index + 1]?.text !== '(';
    if (!isColumn || own.has(text) || table === undefined || !TABLE_NAMES.has(table)) return [];
    const column = workspaceColumn(text, table);
    if (column === undefined) return [];
    return [`"${text}" ${at(start)} is called ${column} in a workspace: write ${column}`];
  });
}
