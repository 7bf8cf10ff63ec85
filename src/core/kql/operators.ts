import { byWord } from './words.ts';

/**
 * The operators of an export's query: each makes its rows out of one row, so that windows can be split and repeated.
 */
export const ALLOWED: ReadonlySet<string> = new Set(
  (
    'where filter extend project project-away project-by-names project-keep project-rename project-reorder parse ' +
    'parse-where parse-kv mv-expand'
  ).split(' '),
);

/** Why an operator is refused, and what to do. */
const REFUSED = byWord({
  'limit take top top-nested top-hitters sample sample-distinct':
    'keeps some rows of each window and loses the others: leave it out, large answers are split for you, or choose ' +
    'rows with where',
  'summarize count distinct make-series reduce facet':
    'makes one row of many, anew in each window: leave it out, and aggregate when you read the parts',
  'join lookup union':
    'mixes in rows of another table, of which a window holds only what is there when it is read: give each table an ' +
    'export of its own, and combine them when you read the parts',
  'order sort': 'sorts within one window only: leave it out, and sort when you read the parts',
  serialize: 'numbers rows within one window only: leave it out',
  mvexpand: 'keeps 128 elements at most in this old spelling: write mv-expand',
  'mv-apply mvapply': 'may lose or make rows: use mv-expand, then where',
  'partition scan fork': 'may lose or make rows: use where, extend, project, parse or mv-expand',
  evaluate:
    'gives columns that depend on the data, others in each window: write extend x = tostring(Properties.x) for each ' +
    'that you need, or leave it out and read the object in the part',
  invoke: 'calls a saved function, which may lose or make rows: write what it does with where, extend and project',
  search: "chooses rows as where does, and adds a column: write where * has 'text'",
  find: "reads more than one table: write where * has 'text'",
  'as render consume getschema': 'has no meaning in an export: leave it out',
});

/** Why an operator is refused and the way out; `undefined` for an allowed one. */
export function refusal(operator: string): string | undefined {
  if (ALLOWED.has(operator)) return undefined;
  const lower = operator.toLowerCase();
  if (ALLOWED.has(lower)) return `is unknown: KQL is case-sensitive, write ${lower}`;
  return REFUSED.get(lower) ?? `cannot be used in an export, only ${[...ALLOWED].join(', ')}`;
}
