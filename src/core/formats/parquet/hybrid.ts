import { append, type Buffered, type Numbers, reserve } from './buffer.ts';
import { varint } from './thrift.ts';

/**
 * Parquet's hybrid of run lengths and packed bits, for definition levels and dictionary indices: one run where all are
 * equal, else all of them packed. Shorter runs are left to the compression.
 */
export function writeHybrid({ values, count }: Numbers, width: number, out: Buffered): void {
  if (count === 0) return;
  const first = values[0] as number;
  let equal = 1;
  while (equal < count && values[equal] === first) equal += 1;
  if (equal === count) {
    append(out, varint(2 * count));
    append(out, [first, first >> 8].slice(0, Math.ceil(width / 8)));
  } else {
    append(out, varint(2 * Math.ceil(count / 8) + 1));
    writePacked({ values, count }, width, out);
  }
}

/** Groups of eight, the first in the lowest bits; the last group is filled up with zeros. Up to 16 bits each. */
export function writePacked({ values, count }: Numbers, width: number, out: Buffered): void {
  const end = out.at + Math.ceil(count / 8) * width;
  reserve(out, end - out.at);
  const { bytes } = out;
  let [at, bits, held] = [out.at, 0, 0];
  for (let i = 0; i < count; i += 1) {
    held |= (values[i] as number) << bits;
    bits += width;
    while (bits >= 8) {
      bytes[at++] = held;
      held >>>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) bytes[at++] = held;
  bytes.fill(0, at, end);
  out.at = end;
}
