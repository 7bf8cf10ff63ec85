import { unwrapDynamic } from '../core/formats/dynamic.ts';
import { BACKSLASH, DOT, hexAt, isContainer, LOWER_U, QUOTE } from '../core/formats/tokens.ts';

/** How a column's cells become text for `copy`: `json` as JSON, `time` without the digits behind the microseconds. */
export type Kind = 'text' | 'time' | 'json';

/** Where cells are written to. */
export interface CopyTarget {
  bytes: Uint8Array;
  at: number;
  /** Characters that PostgreSQL cannot hold, U+0000 and halves of surrogate pairs, and that became U+FFFD. */
  replaced: number;
}

const LOWER_N = 0x6e;
const UPPER_N = 0x4e;
const SLASH = 0x2f;
const SPACE = 0x20;
const FRACTION_DIGITS = 6;
const REPLACEMENT = 0xfffd;
/** In JSON, and with a backslash more for `copy`. */
const JSON_REPLACEMENT = Buffer.from('\\\\ufffd');

/** For text that a cell contains, from 1 on. Nothing runs while a cell is written: one is enough. */
let scratch = new Uint8Array(64 * 1024);

/** Writes the cell between `from` and `to`, one JSON value, in the text format of `copy`. */
export function writeCell(source: Uint8Array, from: number, to: number, kind: Kind, target: CopyTarget): void {
  // Escaping at most doubles a text; and there is room for what stands behind the cell.
  reserve(target, 2 * (to - from) + 8);
  const first = source[from];
  if (first === LOWER_N) {
    target.bytes[target.at++] = BACKSLASH;
    target.bytes[target.at++] = UPPER_N;
  } else if (kind === 'json') writeDynamic(source, from, to, target);
  else if (isContainer(first)) writeJson(source, from, to, target);
  else if (first !== QUOTE) writeRaw(source, from, to, target);
  else if (kind === 'time') writeTime(source, from + 1, to - 1, target);
  else writeString(source, from + 1, to - 1, target);
}

export function reserve(target: CopyTarget, room: number): void {
  if (target.at + room <= target.bytes.length) return;
  const larger = new Uint8Array(2 * (target.at + room));
  larger.set(target.bytes.subarray(0, target.at));
  target.bytes = larger;
}

/** The object or the array that a string contains; any other value as it came. */
function writeDynamic(source: Uint8Array, from: number, to: number, target: CopyTarget): void {
  let end = -1;
  if (source[from] === QUOTE) {
    if (scratch.length < to - from + 16) scratch = new Uint8Array(2 * (to - from + 16));
    end = unwrapDynamic(source, from, scratch, 1);
  }
  if (end < 0) writeJson(source, from, to, target);
  else writeJson(scratch, 1, end, target);
}

/** JSON text. Its own escapes stay, with a backslash more for `copy`. */
function writeJson(source: Uint8Array, from: number, to: number, target: CopyTarget): void {
  const { bytes } = target;
  let out = target.at;
  for (let i = from; i < to; ) {
    const byte = source[i] as number;
    if (byte !== BACKSLASH) {
      // White space between the tokens of a value that came as it is.
      bytes[out++] = Math.max(byte, SPACE);
      i += 1;
      continue;
    }
    const length = source[i + 1] === LOWER_U ? escapeLength(source, i) : 2;
    if (length === 0) {
      target.replaced += 1;
      for (const letter of JSON_REPLACEMENT) bytes[out++] = letter;
      i += 6;
      continue;
    }
    for (const end = i + length; i < end; i += 1) {
      if (source[i] === BACKSLASH) bytes[out++] = BACKSLASH;
      bytes[out++] = source[i] as number;
    }
  }
  target.at = out;
}

/** A number or a word. */
function writeRaw(source: Uint8Array, from: number, to: number, target: CopyTarget): void {
  for (let i = from; i < to; i += 1) target.bytes[target.at++] = source[i] as number;
}

function writeTime(source: Uint8Array, from: number, to: number, target: CopyTarget): void {
  let digits = -1;
  for (let i = from; i < to; i += 1) {
    const byte = source[i] as number;
    const isDigit = byte >= 0x30 && byte <= 0x39;
    if (byte === DOT) digits = 0;
    else if (!isDigit) digits = -1;
    else if (digits >= 0) digits += 1;
    if (digits <= FRACTION_DIGITS) target.bytes[target.at++] = byte;
  }
}

function writeString(source: Uint8Array, from: number, to: number, target: CopyTarget): void {
  const { bytes } = target;
  for (let i = from; i < to; ) {
    const byte = source[i] as number;
    if (byte !== BACKSLASH) {
      bytes[target.at++] = byte;
      i += 1;
      continue;
    }
    const letter = source[i + 1] as number;
    if (letter === LOWER_U) {
      i += writeEscape(source, i, target);
      continue;
    }
    // What JSON writes as \b \f \n \r \t and \\, `copy` reads alike.
    if (letter !== QUOTE && letter !== SLASH) bytes[target.at++] = BACKSLASH;
    bytes[target.at++] = letter;
    i += 2;
  }
}

/** The character of the `\uXXXX` at `i`, or of the two of a pair; gives their length. */
function writeEscape(source: Uint8Array, i: number, target: CopyTarget): number {
  const length = escapeLength(source, i);
  const unit = hexAt(source, i + 2);
  if (length === 0) target.replaced += 1;
  if (length === 12) writeCharacter(0x10000 + ((unit - 0xd800) << 10) + (hexAt(source, i + 8) - 0xdc00), target);
  else writeCharacter(length === 0 ? REPLACEMENT : unit, target);
  return length === 0 ? 6 : length;
}

/** In UTF-8. */
function writeCharacter(code: number, target: CopyTarget): void {
  const { bytes } = target;
  if (code < 0x80) {
    const letter = LETTERS.get(code);
    if (letter !== undefined) bytes[target.at++] = BACKSLASH;
    bytes[target.at++] = letter ?? code;
    return;
  }
  let shift = code < 0x800 ? 6 : code < 0x10000 ? 12 : 18;
  bytes[target.at++] = (shift === 6 ? 0xc0 : shift === 12 ? 0xe0 : 0xf0) | (code >> shift);
  for (shift -= 6; shift >= 0; shift -= 6) bytes[target.at++] = 0x80 | ((code >> shift) & 0x3f);
}

/** What `copy` reads only behind a backslash, and the letter for it. */
const LETTERS = new Map(['\tt', '\nn', '\rr', '\\\\'].map((pair) => [pair.charCodeAt(0), pair.charCodeAt(1)]));

/** 6, or 12 for both halves of a pair; 0 for U+0000 and half a pair, which PostgreSQL cannot hold. */
function escapeLength(source: Uint8Array, at: number): number {
  const unit = hexAt(source, at + 2);
  if (unit === 0) return 0;
  if (unit < 0xd800 || unit > 0xdfff) return 6;
  if (unit > 0xdbff || source[at + 6] !== BACKSLASH || source[at + 7] !== LOWER_U) return 0;
  const low = hexAt(source, at + 8);
  return low >= 0xdc00 && low <= 0xdfff ? 12 : 0;
}
