import { convert } from '../../sql.ts';
import { EPOCH_TICKS } from '../../ticks.ts';
import { first, type SqlFunction, type SqlFunctions, sqlOf, text, textual } from './argument.ts';

/**
 * XXH64 with seed 0, as a signed number: of text its UTF-8, of a time its ticks since year 1. The documentation shows
 * these; what the service does with other types is not known.
 */
const xxHash64: SqlFunction = (args) => {
  const value = first(args);
  const hash = ['string', 'dynamic', 'guid'].includes(value.type)
    ? `xxh64_text(${convert(value, 'string')})`
    : value.type === 'datetime'
      ? `xxh64_long(${value.sql} + ${EPOCH_TICKS})`
      : undefined;
  if (hash === undefined || args.length === 1) return hash;
  return `floor_mod(${hash}, CAST(${sqlOf(args, 1)} AS BIGINT))`;
};

/** Hash functions by their Kusto names. Those that give text take any value as text. */
export const HASH_FUNCTIONS: SqlFunctions = {
  hash: xxHash64,
  hash_md5: textual('md5'),
  hash_sha1: (args) => `sha1(${text(args, 0)})`,
  hash_sha256: textual('sha256'),
  hash_xxhash64: xxHash64,
};
