/**
 * The operators of an export's query: each makes its rows out of one row, so that windows can be split and repeated.
 */
export const ALLOWED: ReadonlySet<string> = new Set([
  'where',
  'filter',
  'extend',
  'project',
  'project-away',
  'project-by-names',
  'project-keep',
  'project-rename',
  'project-reorder',
  'parse',
  'parse-where',
  'parse-kv',
  'mv-expand',
]);

const KEEPS_SOME =
  'keeps some rows of each window and loses the others: leave it out, large answers are split for you, or choose ' +
  'rows with where';
const MAKES_ONE = 'makes one row of many, anew in each window: leave it out, and aggregate when you read the parts';
const MIXES =
  'mixes in rows of another table, of which a window holds only what is there when it is read: give each table an ' +
  'export of its own, and combine them when you read the parts';
const SORTS = 'sorts within one window only: leave it out, and sort when you read the parts';
const HIDES = 'may lose or make rows: use where, extend, project, parse or mv-expand';
const DECORATES = 'has no meaning in an export: leave it out';
const DEPENDS =
  'gives columns that depend on the data, others in each window: write extend x = tostring(Properties.x) for each ' +
  'that you need, or leave it out and read the object in the part';

/** Why an operator is refused, and what to do. */
const REFUSED: Readonly<Record<string, string>> = {
  limit: KEEPS_SOME,
  take: KEEPS_SOME,
  top: KEEPS_SOME,
  'top-nested': KEEPS_SOME,
  'top-hitters': KEEPS_SOME,
  sample: KEEPS_SOME,
  'sample-distinct': KEEPS_SOME,
  summarize: MAKES_ONE,
  count: MAKES_ONE,
  distinct: MAKES_ONE,
  'make-series': MAKES_ONE,
  reduce: MAKES_ONE,
  facet: MAKES_ONE,
  join: MIXES,
  lookup: MIXES,
  union: MIXES,
  order: SORTS,
  sort: SORTS,
  serialize: 'numbers rows within one window only: leave it out',
  mvexpand: 'keeps 128 elements at most in this old spelling: write mv-expand',
  'mv-apply': 'may lose or make rows: use mv-expand, then where',
  mvapply: 'may lose or make rows: use mv-expand, then where',
  partition: HIDES,
  scan: HIDES,
  fork: HIDES,
  evaluate: DEPENDS,
  invoke: 'calls a saved function, which may lose or make rows: write what it does with where, extend and project',
  search: "chooses rows as where does, and adds a column: write where * has 'text'",
  find: "reads more than one table: write where * has 'text'",
  as: DECORATES,
  render: DECORATES,
  consume: DECORATES,
  getschema: DECORATES,
};

/** Why an operator is refused and the way out; `undefined` for an allowed one. */
export function refusal(operator: string): string | undefined {
  if (ALLOWED.has(operator)) return undefined;
  const reason = Object.hasOwn(REFUSED, operator) ? REFUSED[operator] : undefined;
  if (reason !== undefined) return reason;
  const lower = operator.toLowerCase();
  if (ALLOWED.has(lower)) return `is unknown: KQL is case-sensitive, write ${lower}`;
  if (lower !== operator && Object.hasOwn(REFUSED, lower)) return REFUSED[lower];
  return `cannot be used in an export, only ${[...ALLOWED].join(', ')}`;
}
