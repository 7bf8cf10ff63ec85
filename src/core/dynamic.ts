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
} from './encode-tokens.ts';

/** No JSON text may contain it, inside a string or outside. */
const NEVER = 0x01;

/**
 * Copies cells of type `dynamic`. Logs sends such a cell as a JSON string that contains JSON text; what is copied is the
 * value itself, with its own digits, duplicate keys and order, without the white space between its tokens. So the text
 * `5` becomes a number and the text `"x"` a string. A text that is not one JSON value (a plain word, `NaN`, nothing, or
 * nested too deep) stays the JSON string that it was.
 */
export function createDynamicCopier(): (source: Uint8Array, at: number, target: Target) => number {
  let text: Uint8Array = new Uint8Array(0);
  return function copyDynamic(source, at, target) {
    if (source[at] !== QUOTE) return copyValue(source, at, target);
    if (text.length < source.length) text = new Uint8Array(source.length);
    const length = unescapeInto(text, source, at);
    if (length < 0) return length;
    text[length] = 0;
    const before = target.at;
    const end = copyValue(text, skipSpace(text, 0), target);
    if (end >= 0 && skipSpace(text, end) === length) return stringEnd;
    target.at = before;
    return copyString(source, at, target);
  };
}

/** The position behind the string that `unescapeInto` read last: it has two results, and makes no object for them. */
let stringEnd = 0;

/**
 * Writes what the string at `at` means and returns its length. `\u` escapes of anything but ASCII stay escapes: they are
 * as valid inside a string of the text, lone surrogates included, and as wrong outside one.
 */
function unescapeInto(text: Uint8Array, source: Uint8Array, at: number): number {
  let i = at + 1;
  let length = 0;
  for (;;) {
    const byte = source[i] as number;
    if (PLAIN[byte] === 1) {
      text[length++] = byte;
      i += 1;
    } else if (byte === QUOTE) {
      stringEnd = i + 1;
      return length;
    } else {
      const end = byte === BACKSLASH ? escapeEnd(source, i) : ~i;
      if (end < 0) return end;
      const letter = source[i + 1] as number;
      if (letter !== LOWER_U) text[length++] = ESCAPES[letter] as number;
      else length = writeCharacter(text, length, source, i);
      i = end;
    }
  }
}

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
