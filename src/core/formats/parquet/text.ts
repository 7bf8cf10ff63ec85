import { BACKSLASH, ESCAPES, hexAt, LOWER_U, QUOTE } from '../tokens.ts';
import { type Buffered, reserve } from './buffer.ts';

/**
 * Appends a cell as Parquet's plain string: four bytes of length, then what the JSON string means. Any other value, which
 * only `dynamic` and `decimal` cells may be, is its own JSON text. A surrogate without its other half has no UTF-8, which
 * Parquet's strings are: it becomes U+FFFD.
 */
export function appendText(source: Uint8Array, from: number, to: number, target: Buffered): void {
  // What an escape means is never longer than the escape.
  reserve(target, 4 + to - from);
  const start = target.at + 4;
  const end =
    source[from] === QUOTE
      ? copyMeaning(source, from + 1, to - 1, target.bytes, start)
      : copyBytes(source, from, to, target.bytes, start);
  target.view.setUint32(start - 4, end - start, true);
  target.at = end;
}

function copyBytes(source: Uint8Array, from: number, to: number, target: Buffer, start: number): number {
  let out = start;
  for (let i = from; i < to; i += 1) target[out++] = source[i] as number;
  return out;
}

function copyMeaning(source: Uint8Array, from: number, to: number, target: Buffer, start: number): number {
  let out = start;
  for (let i = from; i < to; ) {
    const byte = source[i] as number;
    if (byte !== BACKSLASH) {
      target[out++] = byte;
      i += 1;
      continue;
    }
    const letter = source[i + 1] as number;
    if (letter !== LOWER_U) {
      target[out++] = ESCAPES[letter] as number;
      i += 2;
      continue;
    }
    const code = hexAt(source, i + 2);
    i += 6;
    if (code < 0x80) {
      target[out++] = code;
      continue;
    }
    // All escapes that follow each other at once, so that pairs of surrogates stay together.
    let text = String.fromCharCode(code);
    while (source[i] === BACKSLASH && source[i + 1] === LOWER_U) {
      text += String.fromCharCode(hexAt(source, i + 2));
      i += 6;
    }
    out += target.write(text, out);
  }
  return out;
}
