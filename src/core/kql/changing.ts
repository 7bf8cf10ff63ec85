import { stringValue } from './tokens.ts';
import { isCall, isQuery, type Node, nameOf, type Place, places, split } from './tree.ts';
import { byWord } from './words.ts';

/** Why a value is another one when the query runs again, and what to write instead. */
export interface Change {
  readonly reason: string;
  readonly instead: string;
}

const TIME: Change = {
  reason: 'moves with the time of the query, so that rows which are read later, after an outage say, are lost',
  instead:
    'leave it out, windows are chosen for you, or compare with the time of ingestion, as in TimeGenerated > ' +
    'IngestionTime - 1h',
};
/** Functions whose value is another one when the query runs again. */
const CHANGING = byWord<Change>({
  'now ago': TIME,
  'rand new_guid': {
    reason: 'chooses other rows each time that a window is read',
    instead: 'for a tenth of the rows write where hash_xxhash64(ItemId, 10) == 0',
  },
  'hash hash_many': {
    reason: 'may give other values after an update of the service',
    instead: 'write hash_xxhash64',
  },
  'extent_id extentid extent_tags current_cursor cursor_current cursor_after': {
    reason: 'changes when the service moves its data',
    instead: 'leave it out',
  },
});
/** Literals without a value, which stand for the time of the query. */
const TIME_LITERAL = /^date(?:time)?\(\s*(?:now\s*)?\)$/i;
/** Functions that name a column by a text. */
const BY_TEXT = new Set(['column_ifexists', 'columnifexists']);
/** An operand stands behind these words. */
const OPERATORS = /^(?:and|or|in|by|between|regex|(?:has|contains|starts|ends)\w*)$/;
/** Stands for the columns that KQL names by itself: `Column1` and so on. */
export const UNNAMED = 'Column';

/** Of `let` statements, and of columns so far, how their values change; `undefined` for one that does not. */
export interface Names {
  readonly lets: ReadonlyMap<string, Change | undefined>;
  readonly columns: ReadonlyMap<string, Change | undefined>;
}

export interface Found {
  readonly node: Node;
  /** What changes. */
  readonly name: string;
  readonly change: Change;
  /** It is read along with all other columns, and not named. */
  readonly isAmongAll?: true;
}

/** The first thing in an expression that changes. */
export function findChange(nodes: readonly Node[], names: Names): Found | undefined {
  for (const place of places(nodes)) {
    const found = findAt(place, names) ?? findInside(place, names);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findInside({ node: { inner = [] }, before }: Place, names: Names): Found | undefined {
  // Nothing but literals stands in there.
  if (before?.text === 'dynamic') return undefined;
  // A query of another table sees none of these columns.
  return findChange(inner, isQuery(inner) ? { ...names, columns: new Map() } : names);
}

function findAt(place: Place, names: Names): Found | undefined {
  const { node, before, after } = place;
  if (node.text === '*') return isOperand(before) ? undefined : amongAll(node, names);
  if (node.text === '[') {
    if (isOperand(before) || before?.text === '.') return undefined;
    const name = nameOf(node);
    return name === undefined ? amongAll(node, names) : named(node, name, names);
  }
  if (TIME_LITERAL.test(node.text)) return { node, name: node.text, change: TIME };
  // `.now`, and the `h` of 1h.
  const isPartOf = before?.text === '.' || (before?.end === node.start && /\d$/.test(before.text));
  if (node.kind !== 'word' || isPartOf) return undefined;
  return isCall(place) ? findCall(node, after?.inner ?? [], names) : named(node, node.text, names);
}

function findCall(node: Node, args: readonly Node[], names: Names): Found | undefined {
  const change = CHANGING.get(node.text);
  if (change !== undefined) return { node, name: node.text, change };
  if (node.text === 'pack_all') return amongAll(node, names);
  if (!BY_TEXT.has(node.text)) return undefined;
  const [[text, more] = []] = split(args, ',');
  const name = text && more === undefined ? stringValue(text) : undefined;
  return text === undefined || name === undefined ? amongAll(node, names) : named(text, name, names);
}

function named(node: Node, name: string, { lets, columns }: Names): Found | undefined {
  const key = name.replace(/^Column\d+$/, UNNAMED);
  const change = columns.has(key) ? columns.get(key) : lets.get(name);
  return change && { node, name, change };
}

/** Whether something stands in front of `*` that it multiplies, or in front of `[` that it looks into. */
function isOperand(before: Node | undefined): boolean {
  if (before === undefined) return false;
  if (before.kind === 'word') return !OPERATORS.test(before.text);
  return before.inner !== undefined || before.kind === 'string' || /[\w)]$/.test(before.text);
}

/** For what reads every column, as `* has 'x'` does. */
function amongAll(node: Node, { columns }: Names): Found | undefined {
  for (const [key, change] of columns) {
    const name = key === UNNAMED ? `${UNNAMED}1` : key;
    if (change !== undefined) return { node, name, change, isAmongAll: true };
  }
  return undefined;
}
