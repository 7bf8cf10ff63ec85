import { convert, json, type Scalar } from '../../sql.ts';
import { first, type SqlFunction, type SqlFunctions, sqlOf, text } from './argument.ts';

const pack: SqlFunction = (args) => {
  const pairs = args.map((arg, index) => (index % 2 === 0 ? text(args, index) : json(arg)));
  return pairs.length % 2 === 0 ? `json_object(${pairs.join(', ')})::VARCHAR` : undefined;
};

/** The first of several bags that has a key decides; a merge patch would let the last one. */
const merge: SqlFunction = (args) => `json_merge_patch(${args.map(json).reverse().join(', ')})::VARCHAR`;

const concat: SqlFunction = (args) =>
  `to_json(list_concat(${args.map(({ sql }) => `json_items(${sql})`).join(', ')}))::VARCHAR`;

/** Both ends count, and may be negative. */
const slice: SqlFunction = (args) => {
  const index = (at: number): string =>
    `(CASE WHEN ${sqlOf(args, at)} < 0 THEN ${sqlOf(args, at)} ELSE ${sqlOf(args, at)} + 1 END)`;
  return args.length === 3
    ? `to_json(list_slice(json_items(${sqlOf(args, 0)}), ${index(1)}, ${index(2)}))::VARCHAR`
    : undefined;
};

const position: SqlFunction = (args) =>
  args.length === 2
    ? `CAST(coalesce(list_position(elements(${sqlOf(args, 0)}), ${text(args, 1)}), 0) - 1 AS BIGINT)`
    : undefined;

const bagKeys = (bag: Scalar): string => `json_keys(${bag.sql})`;

/** Functions of dynamic values by their Kusto names. */
export const DYNAMIC_FUNCTIONS: SqlFunctions = {
  array_concat: concat,
  array_index_of: position,
  array_length: (args) => `json_array_length(nullif(${sqlOf(args, 0)}, ''))`,
  array_slice: slice,
  array_sum: (args) => `list_sum(list_transform(elements(${sqlOf(args, 0)}), lambda x: TRY_CAST(x AS DOUBLE)))`,
  bag_has_key: (args) => `coalesce(list_contains(${bagKeys(first(args))}, ${text(args, 1)}), false)`,
  bag_keys: (args) => `CASE WHEN json_valid(${sqlOf(args, 0)}) THEN to_json(${bagKeys(first(args))})::VARCHAR END`,
  bag_merge: merge,
  bag_pack: pack,
  bag_remove_keys: (args) => `remove_keys(${sqlOf(args, 0)}, elements(${sqlOf(args, 1)}))`,
  extract_json: (args, type) => convert({ sql: `member(${text(args, 1)}, ${text(args, 0)})`, type: 'dynamic' }, type),
  extractjson: (args, type) => convert({ sql: `member(${text(args, 1)}, ${text(args, 0)})`, type: 'dynamic' }, type),
  pack,
  pack_array: (args) => `json_array(${args.map(json).join(', ')})::VARCHAR`,
  pack_dictionary: pack,
  set_has_element: (args) => `coalesce(list_contains(elements(${sqlOf(args, 0)}), ${text(args, 1)}), false)`,
  strcat_array: (args) => `list_aggregate(elements(${sqlOf(args, 0)}), 'string_agg', ${text(args, 1)})`,
};
