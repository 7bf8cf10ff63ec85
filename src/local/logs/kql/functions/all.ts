import type { SqlFunctions } from './argument.ts';
import { CONVERSIONS } from './convert.ts';
import { DYNAMIC_FUNCTIONS } from './dynamic.ts';
import { HASH_FUNCTIONS } from './hash.ts';
import { NUMBER_FUNCTIONS } from './number.ts';
import { TEXT_FUNCTIONS } from './text.ts';
import { TIME_FUNCTIONS } from './time.ts';

export { AGGREGATES } from './aggregates.ts';

/** Scalar functions by their Kusto names. */
export const FUNCTIONS: SqlFunctions = {
  ...CONVERSIONS,
  ...DYNAMIC_FUNCTIONS,
  ...HASH_FUNCTIONS,
  ...NUMBER_FUNCTIONS,
  ...TEXT_FUNCTIONS,
  ...TIME_FUNCTIONS,
};
