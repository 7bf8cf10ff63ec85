import { convert } from '../../sql.ts';
import { first, type SqlFunction, type SqlFunctions } from './argument.ts';

const to: SqlFunction = (args, type) => convert(first(args), type);

/** Conversions by their Kusto names; what cannot be converted is null. */
export const CONVERSIONS: SqlFunctions = {
  parse_json: to,
  parsejson: to,
  tobool: to,
  toboolean: to,
  todatetime: to,
  todecimal: to,
  todouble: to,
  todynamic: to,
  toguid: to,
  toint: to,
  tolong: to,
  toobject: to,
  toreal: to,
  tostring: to,
  totimespan: to,
};
