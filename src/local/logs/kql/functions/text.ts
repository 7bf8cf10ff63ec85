import { convert, type Scalar } from '../../sql.ts';
import { int32, type SqlFunction, type SqlFunctions, sqlOf, text, textual } from './argument.ts';

const isEmpty: SqlFunction = (args) => `(${text(args, 0)} = '')`;

const extract: SqlFunction = (args, type) => {
  const found = `regexp_extract(${text(args, 2)}, ${sqlOf(args, 0)}, ${int32(args, 1)})`;
  return convert({ sql: found, type: 'string' }, type);
};

/** All matches of one group; of several groups it would be arrays of arrays. */
const extractAll: SqlFunction = (args) =>
  args.length === 2 ? `to_json(regexp_extract_all(${text(args, 1)}, ${sqlOf(args, 0)}, 1))::VARCHAR` : undefined;

const split: SqlFunction = (args) => {
  const parts = `string_split(${text(args, 0)}, ${text(args, 1)})`;
  const chosen = `list_slice(${parts}, ${sqlOf(args, 2)} + 1, ${sqlOf(args, 2)} + 1)`;
  return `to_json(${args.length > 2 ? chosen : parts})::VARCHAR`;
};

const substring: SqlFunction = (args) => {
  const start = `(CASE WHEN ${sqlOf(args, 1)} < 0 THEN ${sqlOf(args, 1)} ELSE ${sqlOf(args, 1)} + 1 END)`;
  return `substring(${text(args, 0)}, ${start}${args.length > 2 ? `, ${sqlOf(args, 2)}` : ''})`;
};

/** Kusto trims every repetition of the pattern. */
const trim =
  (start: boolean, end: boolean): SqlFunction =>
  (args) => {
    const pattern = `'(?:' || ${text(args, 0)} || ')+'`;
    const head = start ? `regexp_replace(${text(args, 1)}, '^' || ${pattern}, '')` : text(args, 1);
    return end ? `regexp_replace(${head}, ${pattern} || '$', '')` : head;
  };

const replaceRegex: SqlFunction = (args) => `regexp_replace(${text(args, 0)}, ${text(args, 1)}, ${text(args, 2)}, 'g')`;

const joined = (separator: string, args: readonly Scalar[]): string =>
  `concat_ws(${separator}, ${args.map((_, index) => text(args, index)).join(', ')})`;

const sizeOf = ({ sql, type }: Scalar): string =>
  ['string', 'dynamic'].includes(type) ? `coalesce(strlen(${sql}), 0)` : '8';

/** Functions of text by their Kusto names. */
export const TEXT_FUNCTIONS: SqlFunctions = {
  base64_decode_tostring: (args) => `decode(from_base64(${text(args, 0)}))`,
  base64_encode_tostring: (args) => `to_base64(encode(${text(args, 0)}))`,
  countof: (args) => (args.length === 2 ? `count_of(${text(args, 0)}, ${text(args, 1)})` : undefined),
  estimate_data_size: (args) => `CAST(${args.map(sizeOf).join(' + ')} AS BIGINT)`,
  extract,
  extract_all: extractAll,
  indexof: (args) => (args.length === 2 ? `CAST(instr(${text(args, 0)}, ${text(args, 1)}) - 1 AS BIGINT)` : undefined),
  isempty: isEmpty,
  isnotempty: (args, type) => `(NOT ${isEmpty(args, type)})`,
  parse_url: textual('kusto_url'),
  replace_regex: replaceRegex,
  replace_string: textual('replace'),
  reverse: textual('reverse'),
  split,
  strcat: (args) => `(${args.map((_, index) => text(args, index)).join(' || ')})`,
  strcat_delim: ([separator, ...rest]) => (separator === undefined ? undefined : joined(separator.sql, rest)),
  strlen: textual('length'),
  strrep: (args) => (args.length === 2 ? `repeat(${text(args, 0)}, ${int32(args, 1)})` : undefined),
  substring,
  tolower: textual('lower'),
  toupper: textual('upper'),
  trim: trim(true, true),
  trim_end: trim(false, true),
  trim_start: trim(true, false),
  url_decode: textual('url_decode'),
  url_encode: textual('url_encode'),
};
