/*
 * Thrift's compact protocol, as much of it as Parquet's headers and footer need. A value knows its wire type and how to
 * append itself.
 */

export interface Thrift {
  readonly type: number;
  readonly write: (out: number[]) => void;
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
  return { type: value ? TRUE : FALSE, write: () => undefined };
}

export function i32(value: number): Thrift {
  return { type: I32, write: (out) => writeVarint(zigzag(value), out) };
}

/** Counts, sizes and offsets: never beyond 2^52. */
export function i64(value: number): Thrift {
  return { type: I64, write: (out) => writeVarint(zigzag(value), out) };
}

export function binary(value: Uint8Array): Thrift {
  return {
    type: BINARY,
    write(out) {
      writeVarint(value.length, out);
      for (const byte of value) out.push(byte);
    },
  };
}

export function text(value: string): Thrift {
  return binary(Buffer.from(value));
}

/** Of one type, and never of truth values. */
export function list(items: readonly Thrift[]): Thrift {
  return {
    type: LIST,
    write(out) {
      const type = items[0]?.type ?? STRUCT;
      if (items.length < 15) out.push((items.length << 4) | type);
      else {
        out.push(0xf0 | type);
        writeVarint(items.length, out);
      }
      for (const item of items) item.write(out);
    },
  };
}

/** Fields by their ids, at most 15 apart; one that is `undefined` is left out. */
export function struct(fields: Readonly<Record<number, Thrift | undefined>>): Thrift {
  return {
    type: STRUCT,
    write(out) {
      let last = 0;
      // Keys that are numbers come in ascending order.
      for (const [key, field] of Object.entries(fields)) {
        if (field === undefined) continue;
        const id = Number(key);
        out.push(((id - last) << 4) | field.type);
        field.write(out);
        last = id;
      }
      out.push(0);
    },
  };
}

export function toBytes(value: Thrift): Buffer {
  const out: number[] = [];
  value.write(out);
  return Buffer.from(out);
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function writeVarint(value: number, out: number[]): void {
  let rest = value;
  while (rest >= 0x80) {
    out.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.push(rest);
}
