/** Bytes that grow, little endian, and are used again once they have been copied out. */
export interface Buffered {
  bytes: Buffer;
  view: DataView;
  /** How many of them are in use. */
  at: number;
}

export function newBuffered(capacity = 1024): Buffered {
  const bytes = Buffer.allocUnsafeSlow(capacity);
  return { bytes, view: new DataView(bytes.buffer), at: 0 };
}

/** Makes room for this many bytes more. */
export function reserve(buffered: Buffered, room: number): void {
  const needed = buffered.at + room;
  if (needed <= buffered.bytes.length) return;
  const bytes = Buffer.allocUnsafeSlow(Math.max(needed, 2 * buffered.bytes.length));
  bytes.set(buffered.bytes.subarray(0, buffered.at));
  buffered.bytes = bytes;
  buffered.view = new DataView(bytes.buffer);
}

export function append(buffered: Buffered, bytes: ArrayLike<number>): void {
  reserve(buffered, bytes.length);
  buffered.bytes.set(bytes, buffered.at);
  buffered.at += bytes.length;
}

/** Small numbers, one after the other. */
export interface Numbers {
  values: Uint16Array;
  count: number;
}

export function push(numbers: Numbers, value: number): void {
  if (numbers.count === numbers.values.length) {
    const values = new Uint16Array(2 * numbers.count);
    values.set(numbers.values);
    numbers.values = values;
  }
  numbers.values[numbers.count++] = value;
}

export function newNumbers(): Numbers {
  return { values: new Uint16Array(1024), count: 0 };
}
