/*
 * Thrift's compact protocol, as much of it as Parquet's headers and footer need. A value is its type and its bytes.
 */

export interface Thrift {
  readonly type: number;
  readonly bytes: readonly number[];
}

const TRUE = 1;
const FALSE = 2;
const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** Unlike in a list, a truth value in a struct is its type and nothing else. */
export function bool(value: boolean): Thrift {
  return { type: value ? TRUE : FALSE, bytes: [] };
}

export function i32(value: number): Thrift {
  return { type: I32, bytes: varint(zigzag(value)) };
}

/** Counts, sizes and offsets: never beyond 2^52. */
export function i64(value: number): Thrift {
  return { type: I64, bytes: varint(zigzag(value)) };
}

/** Text is in UTF-8. */
export function binary(value: Uint8Array | string): Thrift {
  const bytes = Buffer.from(value);
  return { type: BINARY, bytes: [...varint(bytes.length), ...bytes] };
}

/** Of one type, and never of truth values. */
export function list(items: readonly Thrift[]): Thrift {
  const type = items[0]?.type ?? STRUCT;
  const head = items.length < 15 ? [(items.length << 4) | type] : [0xf0 | type, ...varint(items.length)];
  return { type: LIST, bytes: [head, ...items.map(({ bytes }) => bytes)].flat() };
}

/** Fields by their ids, at most 15 apart; one that is `undefined` is left out. */
export function struct(fields: Readonly<Record<number, Thrift | undefined>>): Thrift {
  let last = 0;
  // Keys that are numbers come in ascending order.
  const bytes = Object.entries(fields).flatMap(([key, field]) => {
    if (field === undefined) return [];
    const head = ((Number(key) - last) << 4) | field.type;
    last = Number(key);
    return [head, ...field.bytes];
  });
  return { type: STRUCT, bytes: [...bytes, 0] };
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

/** Seven bits in each byte, the lowest first; the highest bit says that more follow. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return [...bytes, rest];
}
