import type { Column } from '../../src/core/rows.ts';
import type { Random } from './answer-random.ts';

/** Cells as Logs writes them: the extremes of each type, all of which each timestamp unit can hold. */
export const EXTREMES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  long: [
    ...(['0', '-1', '1', '-0', '9007199254740993', '-9007199254740993', '9223372036854775807'] as const),
    ...['-9223372036854775808', '999999999999999', '-999999999999999', '1000000000000000', '-1000000000000000'],
    ...['4294967295', '4294967296', '-4294967296', '-4294967297', '2147483648', '9007199254740992'],
  ],
  int: ['0', '-1', '2147483647', '-2147483648'],
  real: [
    ...(['0', '-0', '0.0', '-0.0', '1.5', '"NaN"', '"Infinity"', '"-Infinity"', '1.7976931348623157E+308'] as const),
    ...['5e-324', '-2.2250738585072014e-308', '0.1', '0.30000000000000004', '123456789012345', '-9007199254740993'],
    ...['1234567890123456789', '0.000000000000001', '1e22', '1E-7', '100000000000000.5', '-0.00001234567890'],
  ],
  bool: ['true', 'false', '1', '0'],
  datetime: [
    ...(['"2026-11-22T14:05:00.1234567Z"', '"2026-11-22T14:05:00Z"', '"2026-11-22T14:05:00.1Z"'] as const),
    ...['"2026-11-22T14:05:00.9999999Z"', '"1970-01-01T00:00:00Z"', '"1969-12-31T23:59:59.9999999Z"'],
    ...['"2024-02-29T23:59:59.0000001Z"', '"2026-11-22T14:05:00.123456Z"', '"1677-09-22T00:00:00.0000009Z"'],
    ...['"2262-04-10T23:59:59.9999999Z"', '"1900-03-01T00:00:00.0000019Z"', '"2000-12-31T23:59:59.999999Z"'],
  ],
  string: [
    ...(['""', '"a"', '"null"', '"é\\u00e9😀\\ud83d\\ude00"', '"lone \\ud800 and \\udfff, \\ude00\\ud83d"'] as const),
    ...[
      '"\\ud800\\u0041"',
      '"\\ud800\\n"',
      '"\\uD83D\\uDE00\\ud800"',
      '"\\u0000\\u001f\\b\\f\\n\\r\\t\\u007f\\/\\"\\\\"',
    ],
    ...['"\u007f\u0080\u2028\u2029\ufeff\uffff"', '"\ufeffmark"', '"\\u0800\\u07ff\\uffff\\ufeff\\u0080"', '"NaN"'],
  ],
  dynamic: [
    ...(['"{\\"n\\":12345678901234567890.10,\\"d\\":1,\\"d\\":2}"', '"[1, 2]"', '"42"', '"\\"text\\""'] as const),
    ...['"plain"', '""', '{"a":1.0}', '[ ]', '5', 'true', '"{\\"a\\":\\"\\\\ud800\\"}"'],
  ],
  decimal: ['"12345678901234567890.1234567890123456"', '0.10000000000000000000000000000000001', '"-0.0"'],
  guid: ['"00000000-0000-0000-0000-000000000000"'],
  timespan: ['"1.02:03:04.0000001"', '"-10675199.02:48:05.4775808"'],
};

export const TYPES = Object.keys(EXTREMES) as [string, ...string[]];

/** Columns of any types; strings of few values and of many, short and long; columns that are always null. */
export function randomRows(random: Random): { columns: Column[]; rows: string[][] } {
  const makers = Array.from({ length: 1 + random.int(9) }, () => randomColumn(random));
  const columns = makers.map(({ type }, index) => ({
    name: `${random.pick(['A', 'b.c', 'é "x"', 'a b'])}${index}`,
    type,
  }));
  const length = random.pick([1, 7, 8, 9, 600, 3000]);
  const rows = Array.from({ length }, () => makers.map(({ make }) => make()));
  return { columns, rows };
}

function randomColumn(random: Random): { type: string; make: () => string } {
  const type = random.pick(TYPES);
  const nullsIn100 = random.pick([0, 0, 1, 50, 100]);
  const few = Array.from({ length: 1 + random.int(40) }, () => randomCell(type, random));
  // Often the same ones, at first: a dictionary that is given up later.
  let fewLeft = random.pick([0, 100, 1000, 1_000_000]);
  const make = () => {
    fewLeft -= 1;
    if (random.int(100) < nullsIn100) return 'null';
    return fewLeft > 0 ? (few[random.int(few.length)] ?? 'null') : randomCell(type, random);
  };
  return { type, make };
}

function randomCell(type: string, random: Random): string {
  const digits = (length: number) => Array.from({ length }, () => random.int(10)).join('');
  const sign = random.pick(['', '-']);
  if (random.int(4) === 0) return random.pick(EXTREMES[type] ?? ['null']);
  switch (type) {
    case 'long':
      return sign + String(BigInt(digits(1 + random.int(18))));
    case 'int':
      return sign + Number(digits(1 + random.int(9)));
    case 'real':
      return `${sign}${Number(digits(1 + random.int(6)))}${random.pick(['', `.${digits(1 + random.int(17))}`])}${random.pick(['', '', 'e5', 'E-30'])}`;
    case 'bool':
      return random.pick(['true', 'false']);
    case 'datetime': {
      const time = new Date(Date.UTC(1700 + random.int(560), 0, 1 + random.int(366), 0, 0, random.int(86_400)));
      return `"${time.toISOString().slice(0, 19)}${random.pick(['', `.${digits(1 + random.int(7))}`, `.${digits(7)}`])}Z"`;
    }
    default:
      return JSON.stringify(
        `${digits(6)} ${'long é\n'.repeat(random.int(20) === 0 ? random.int(900) : random.int(4))}`,
      );
  }
}
