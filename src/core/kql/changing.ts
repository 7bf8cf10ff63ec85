import { assigned, type Stage } from './assigned.ts';
import { at } from './tokens.ts';
import { isCall, type Node, split, walk } from './tree.ts';

const TIME =
  'moves with the time of the query, so that rows which are read later, after an outage say, are lost: leave it out, ' +
  'windows are chosen for you, or compare with the time of ingestion, as in TimeGenerated > IngestionTime - 1h';
const CHANCE =
  'chooses other rows each time that a window is read: for a tenth of the rows write ' +
  'where hash_xxhash64(ItemId, 10) == 0';
const STORAGE = 'changes when the service moves its data: leave it out';

/** Functions whose value is another one when the query runs again, and why no row may depend on them. */
const CHANGING: ReadonlyMap<string, string> = new Map([
  ['now', TIME],
  ['ago', TIME],
  ['rand', CHANCE],
  ['new_guid', CHANCE],
  ['hash', 'may give other values after an update of the service: write hash_xxhash64'],
  ['extent_id', STORAGE],
  ['extent_tags', STORAGE],
]);
/** Operators that decide which rows there are. */
const CHOOSING: ReadonlySet<string> = new Set(['where', 'filter', 'parse-where', 'mv-expand']);
/** Stands for the columns that KQL names by itself: `Column1` and so on. */
const UNNAMED = 'Column';

/** Names whose value changes, with the reason: of `let` statements, and of columns so far. */
export type ChangingNames = Map<string, string>;

/** The first thing in an expression that changes, and the reason. */
export function findChange(nodes: readonly Node[], names: ChangingNames): { node: Node; reason: string } | undefined {
  for (const place of walk(nodes)) {
    const { node, before } = place;
    if (node.kind !== 'word' || before?.text === '.') continue;
    const reason = isCall(place) ? CHANGING.get(node.text) : names.get(node.text.replace(/^Column\d+$/, UNNAMED));
    if (reason !== undefined) return { node, reason };
  }
  return undefined;
}

/** Why the rows of an export would depend on when its query runs. Adds the columns that do to `names`. */
export function checkChange(stage: Stage, names: ChangingNames): string | undefined {
  const { name, args } = stage;
  if (CHOOSING.has(name)) {
    const found = findChange(args, names);
    if (found === undefined) return undefined;
    const { node, reason } = found;
    return `"${node.text}" ${at(node.start)} ${reason}`;
  }
  const isList = !name.startsWith('parse');
  for (const { nodes } of isList ? split(args, ',', 0, 0) : [{ nodes: args }]) {
    const equals = isList ? nodes.findLastIndex(({ text }) => text === '=') : -1;
    const reason = findChange(nodes.slice(equals + 1), names)?.reason;
    const columns = assigned({ ...stage, args: nodes }).map((each) => each.name);
    for (const column of columns.length > 0 ? columns : [UNNAMED]) {
      if (reason !== undefined) names.set(column, reason);
      else if (column !== UNNAMED) names.delete(column);
    }
  }
  return undefined;
}
