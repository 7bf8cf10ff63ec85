import { createBools } from './bools.ts';
import { createDatetimes, createInts, createLongs, createReals } from './numbers.ts';
import { createTexts } from './texts.ts';
import { bool, struct, type Thrift } from './thrift.ts';
import { TYPES, type Values } from './values.ts';

export type Timestamps = 'micros' | 'nanos';

/** How a column's values are stored, and what they mean. */
export interface ColumnType {
  readonly physical: number;
  /** What older readers know instead of `logical`. */
  readonly converted?: number;
  readonly logical?: Thrift;
  /** What its cells must be, for a message. */
  readonly expected: string;
  readonly createValues: () => Values;
}

const NOTHING = struct({});

const STRING: ColumnType = {
  physical: TYPES.byteArray,
  converted: 0,
  logical: struct({ 1: NOTHING }),
  expected: 'a JSON value',
  createValues: createTexts,
};

/** UTC, in the union's members for microseconds and nanoseconds. */
const timestamp = (unit: 2 | 3) => struct({ 8: struct({ 1: bool(true), 2: struct({ [unit]: NOTHING }) }) });

const DATETIMES: Readonly<Record<Timestamps, ColumnType>> = {
  micros: {
    physical: TYPES.int64,
    converted: 10,
    logical: timestamp(2),
    expected: 'a time like "2026-11-22T14:05:00.1234567Z"',
    createValues: () => createDatetimes(1e6),
  },
  nanos: {
    physical: TYPES.int64,
    logical: timestamp(3),
    expected:
      'a time like "2026-11-22T14:05:00.1234567Z" between 1677-09-22 and 2262-04-11, all that 64 bits hold in ' +
      'nanoseconds (EXPORT_FORMAT=parquet has microseconds, which hold any)',
    createValues: () => createDatetimes(1e9),
  },
};

const OTHERS: ReadonlyMap<string, ColumnType> = new Map([
  ['long', { physical: TYPES.int64, expected: 'a whole number of 64 bits, digits only', createValues: createLongs }],
  ['int', { physical: TYPES.int32, expected: 'a whole number of 32 bits, digits only', createValues: createInts }],
  [
    'real',
    { physical: TYPES.double, expected: 'a number, "NaN", "Infinity" or "-Infinity"', createValues: createReals },
  ],
  ['bool', { physical: TYPES.boolean, expected: 'true or false', createValues: createBools }],
]);

/** Of a column of a type of Kusto's. Whatever is not a number, a truth value or a time is a string, its own digits. */
export function typeOf(kustoType: string, timestamps: Timestamps): ColumnType {
  return kustoType === 'datetime' ? DATETIMES[timestamps] : (OTHERS.get(kustoType) ?? STRING);
}
