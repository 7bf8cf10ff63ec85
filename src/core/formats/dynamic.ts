import {
  BACKSLASH,
  copyString,
  copyValue,
  ESCAPES,
  escapeEnd,
  HEX,
  LOWER_U,
  PLAIN,
  QUOTE,
  skipSpace,
  type Target,
} from './tokens.ts';

/** No JSON text may contain it, inside a string or outside. */
const NEVER = 0x01;

/**
 * Copies a cell of type `dynamic`. Logs sends such a cell as a JSON string that contains JSON text; what is copied is the
 * value itself, with its own digits, duplicate keys and order, without the white space between its tokens. So the text
 * `5` becomes a number and the text `"x"` a string. A text that is not one JSON value (a plain word, `NaN`, nothing, or
 * nested too deep) stays the JSON string that it was.
 */
export function copyDynamic(source: Uint8Array, at: number, target: Target): number {
  if (source[at] !== QUOTE) return copyValue(source, at, target);
  const { bytes, at: start } = target;
  const textEnd = unescapeInto(bytes, start, source, at);
  if (textEnd < 0) return textEnd;
  bytes[textEnd] = 0;
  // Onto itself: a value without its white space is never longer than its text.
  const valueEnd = copyValue(bytes, skipSpace(bytes, start), target);
  if (valueEnd >= 0 && skipSpace(bytes, valueEnd) === textEnd) return stringEnd;
  target.at = start;
  return copyString(source, at, target);
}

/** The position behind the string that `unescapeInto` read last: it has two results, and makes no object for them. */
let stringEnd = 0;

/**
 * Writes what the string at `at` means to `text`, from `start` on, and returns the position behind it. `\u` escapes of
 * anything but ASCII stay escapes: they are as valid inside a string of the text, lone surrogates included, and as wrong
 * outside one.
 */
function unescapeInto(text: Uint8Array, start: number, source: Uint8Array, at: number): number {
  let i = at + 1;
  let out = start;
  for (;;) {
    const byte = source[i] as number;
    if (PLAIN[byte] === 1) {
      text[out++] = byte;
      i += 1;
    } else if (byte === QUOTE) {
      stringEnd = i + 1;
      return out;
    } else {
      const end = byte === BACKSLASH ? escapeEnd(source, i) : ~i;
      if (end < 0) return end;
      const letter = source[i + 1] as number;
      if (letter !== LOWER_U) text[out++] = ESCAPES[letter] as number;
      else out = writeCharacter(text, out, source, i);
      i = end;
    }
  }
}

/** `text` holds something else than a backslash before its start: the colon of the cell's name. */
function writeCharacter(text: Uint8Array, length: number, source: Uint8Array, at: number): number {
  let code = 0;
  for (let i = at + 2; i < at + 6; i += 1) code = code * 16 + (HEX[source[i] as number] as number);
  if (code < 0x80) {
    text[length] = code;
    return length + 1;
  }
  // A backslash of the text before a character that cannot be escaped: wrong, but right once `\uXXXX` stands there.
  let backslashes = 0;
  while (text[length - 1 - backslashes] === BACKSLASH) backslashes += 1;
  if (backslashes % 2 === 1) {
    text[length] = NEVER;
    return length + 1;
  }
  for (let i = 0; i < 6; i += 1) text[length + i] = source[at + i] as number;
  return length + 6;
}
