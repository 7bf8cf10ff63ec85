import type { Names } from './changing.ts';
import { checkChange, columnsBehind } from './follow.ts';
import { workspaceColumn } from './old-names.ts';
import { refusal } from './operators.ts';
import { ADDED_NAMES, itemIdColumn } from './query.ts';
import { givenNames, type Made, type Stage } from './stage.ts';
import { TABLE_NAMES } from './tables.ts';
import { at } from './tokens.ts';
import { isQuery, type Node, nameOf, type Place, places, walk } from './tree.ts';
import { byWord } from './words.ts';

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
/** Operators that compare without case in place of others, which do not end in `_cs`. */
const WITHOUT_CASE = byWord({ '==': '=~', '!=': '!~', in: 'in~' });

/** A column, an operator, which may begin with `!`, and an operand. */
const CASE_NODES = 4;

/** Every problem with the operators of a query, each with the way out. */
export function checkStages(stages: readonly Stage[], table: string, lets: Names['lets']): string[] {
  const columns = stages.flatMap(({ items }) => items.flatMap(({ made }) => made));
  const given = columns.filter(({ node }) => node !== undefined).map(({ name }) => name);
  const own = new Set([...lets.keys(), ...given]);
  let names: Names = { lets, columns: new Map() };
  return stages.flatMap((stage) => {
    const refused = checkOperator(stage);
    if (refused !== undefined) return [refused];
    const problems = [
      checkSyntax(stage),
      checkLimit(stage),
      ...stage.items.flatMap(({ made }) => made.map((column) => checkAdded(column, table))),
      checkChange(stage, names),
      ...checkColumns(stage.args, table, own),
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
  for (const { node, before } of walk(args)) {
    // `Properties.like` is a value of its own.
    const instead = before?.text === '.' ? undefined : OTHER_LANGUAGES.get(node.text);
    if (instead !== undefined) return `"${node.text}" ${at(node.start)} is another language's: write ${instead}`;
  }
  const equals = args.find(({ text }) => text === '=');
  return equals && `"=" ${at(equals.start)} compares nothing: write == or =~`;
}

function checkLimit({ name, args }: Stage): string | undefined {
  if (name !== 'mv-expand') return undefined;
  const limit = args.find((node, index) => {
    const next = args[index + 1];
    return node.text === 'limit' && next?.kind === 'other' && /^(\d|int|long)/.test(next.text);
  });
  return limit && `"limit" ${at(limit.start)} drops the elements beyond it: leave it out`;
}

function checkAdded({ name, node }: Made, table: string): string | undefined {
  if (node === undefined) return undefined;
  // In the old terms it is the column by which rows are told apart.
  if (name === itemIdColumn({ table }) && name !== '_ItemId')
    return `"${name}" ${at(node.start)} is the column that tells rows apart: give yours another name`;
  if (!ADDED_NAMES.has(name)) return undefined;
  return `"${name}" ${at(node.start)} is the name of a column that the export adds: give yours another one`;
}

/** Columns that are not called so, or are compared with what they never hold. A query in brackets has another table. */
function checkColumns(nodes: readonly Node[], table: string | undefined, own: ReadonlySet<string>): string[] {
  return places(nodes).flatMap((place, index) => {
    const { inner } = place.node;
    if (inner === undefined) {
      const problems = [checkCase(nodes.slice(index, index + CASE_NODES)), checkOldName(place, table, own)];
      return problems.filter((problem) => problem !== undefined);
    }
    if (!isQuery(inner)) return checkColumns(inner, table, own);
    const given = givenNames(inner).map(({ name }) => name);
    return checkColumns(inner, nameOf(inner[0]), new Set([...own, ...given]));
  });
}

/** A comparison with a text in capitals of a column that the service writes in lower case: it never holds, or always. */
function checkCase([column, ...next]: readonly Node[]): string | undefined {
  if (column === undefined || !LOWER_CASE.has(column.text)) return undefined;
  const [operator, operand] = next[0]?.text === '!' ? next.slice(1) : next;
  const name = operator?.text ?? '';
  const instead = name.endsWith('_cs') ? name.slice(0, -'_cs'.length) : WITHOUT_CASE.get(name);
  const texts = operand === undefined ? [] : [operand, ...(operand.text === '(' ? (operand.inner ?? []) : [])];
  if (instead === undefined || !texts.some(({ kind, text }) => kind === 'string' && /[A-Z]/.test(text)))
    return undefined;
  return (
    `"${column.text} ${name}" ${at(column.start)} finds no capitals, for ${column.text} is in lower case: ` +
    `write ${instead}`
  );
}

/** A column in the terms of Application Insights' own scope, which no workspace knows. */
function checkOldName({ node, before, after }: Place, table: string | undefined, own: ReadonlySet<string>) {
  const { kind, text, start } = node;
  const isColumn = kind === 'word' && before?.text !== '.' && after?.text !== '(';
  if (!isColumn || own.has(text) || table === undefined || !TABLE_NAMES.has(table)) return undefined;
  const column = workspaceColumn(text, table);
  return column && `"${text}" ${at(start)} is called ${column} in a workspace: write ${column}`;
}
