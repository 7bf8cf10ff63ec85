import { copyPlain, PLAIN } from '../bytes.ts';
import { BACKSLASH, ESCAPES, hexAt, isContainer, QUOTE, skipped, skipSpace, valueEnd } from './tokens.ts';

/**
 * Writes the JSON that the string of a `dynamic` cell contains, when that is one object or one array. The service sends
 * the text `1.10` for a number and for a string alike, so a scalar stays the string that came; as does a text that is
 * not one JSON value (a plain word, nothing, cut or nested too deep). What is written has its own digits, duplicate keys
 * and order, and no white space between its tokens.
 * @param out where to write. `target` has room for the cell, and before `out` stands no backslash.
 * @returns the position behind what was written; -1 when the string has to stay.
 */
export function unwrapDynamic(source: Uint8Array, from: number, target: Uint8Array, out: number): number {
  // Most strings that stay show it by their first character.
  const first = source[from + 1] as number;
  if (PLAIN[first] === 1 && first !== 0x20 && !isContainer(first)) return -1;
  const textEnd = unescapeInto(target, out, source, from);
  if (textEnd < 0) return -1;
  target[textEnd] = 0;
  const spaces = skipped[0];
  const start = skipSpace(target, out);
  if (!isContainer(target[start])) return -1;
  const end = valueEnd(target, start);
  if (end < 0 || skipSpace(target, end) !== textEnd) return -1;
  // Onto itself: without its white space it is never longer.
  return skipped[0] === spaces ? end : copyCompact(target, start, end, target, out);
}

/** Copies a value that has been checked, without the white space between its tokens, so that it holds no line break. */
export function copyCompact(source: Uint8Array, from: number, to: number, target: Uint8Array, start: number): number {
  let out = start;
  let isInString = false;
  for (let i = from; i < to; i += 1) {
    const byte = source[i] as number;
    if (byte <= 0x20 && !isInString) continue;
    target[out++] = byte;
    if (byte === QUOTE) isInString = !isInString;
    else if (byte === BACKSLASH) target[out++] = source[++i] as number;
  }
  return out;
}

/**
 * Writes what the string at `from` means to `text`, from `start` on, and returns the position behind it; -1 when that
 * is no JSON. `\u` escapes of anything but ASCII stay escapes: they are as valid inside a string of the text, lone
 * surrogates included, and as wrong outside one.
 */
function unescapeInto(text: Uint8Array, start: number, source: Uint8Array, from: number): number {
  let i = from + 1;
  let out = start;
  for (;;) {
    const end = copyPlain(source, i, text, out);
    out += end - i;
    if (source[end] === QUOTE) return out;
    const meaning = ESCAPES[source[end + 1] as number] as number;
    if (meaning !== 0) text[out++] = meaning;
    else out = writeCharacter(text, out, source, end);
    if (out < 0) return -1;
    i = end + (meaning !== 0 ? 2 : 6);
  }
}

function writeCharacter(text: Uint8Array, length: number, source: Uint8Array, at: number): number {
  const code = hexAt(source, at + 2);
  if (code < 0x80) {
    text[length] = code;
    return length + 1;
  }
  // A backslash of the text before a character that cannot be escaped: wrong, but right once `\uXXXX` stands there.
  let backslashes = 0;
  while (text[length - 1 - backslashes] === BACKSLASH) backslashes += 1;
  if (backslashes % 2 === 1) return -1;
  for (let i = 0; i < 6; i += 1) text[length + i] = source[at + i] as number;
  return length + 6;
}
