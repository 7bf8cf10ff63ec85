import { plainEnd } from '../bytes.ts';

/**
 * JSON tokens, checked byte by byte; nothing becomes a JavaScript value.
 *
 * A source ends with a 0 byte behind its last one. No token may contain that byte, so each loop stops there by itself
 * and needs no other end. Each function returns the position behind what it read, or `~position` of the byte that did
 * not fit; at the end of the source that means: more to come.
 */
export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;
export const LOWER_U = 0x75;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const MINUS = 0x2d;
export const DOT = 0x2e;
export const ZERO = 0x30;

/** Values may be nested this deep. */
const MAX_DEPTH = 500;

/** What stands behind a backslash, to the byte that it means; 0 for `u` and what may not stand there. */
export const ESCAPES = new Uint8Array(256);
for (const [letter, meaning] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t']) {
  ESCAPES[letter?.charCodeAt(0) ?? 0] = meaning?.charCodeAt(0) ?? 0;
}

/** The value of a hexadecimal digit; 255 for anything else. */
const HEX = new Uint8Array(256).fill(255);
for (const digit of '0123456789abcdefABCDEF') HEX[digit.charCodeAt(0)] = Number.parseInt(digit, 16);

/** The number that the four digits from `at` on are. */
export function hexAt(source: Uint8Array, at: number): number {
  let code = 0;
  for (let i = at; i < at + 4; i += 1) code = code * 16 + (HEX[source[i] as number] as number);
  return code;
}

const WORDS = new Map(['true', 'false', 'null'].map((word) => [word.charCodeAt(0), Buffer.from(word)]));

/** Of the containers that are open, the bytes that close them. Nothing runs while a value is read: one is enough. */
const closers = new Uint8Array(MAX_DEPTH);

export function isContainer(byte: number | undefined): boolean {
  return byte === OPEN_BRACE || byte === OPEN_BRACKET;
}

/** The bytes that `skipSpace` has skipped so far: whether there were any shows by it. */
export const skipped = new Uint32Array(1);

export function skipSpace(source: Uint8Array, at: number): number {
  let end = at;
  for (;;) {
    const byte = source[end] as number;
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return end;
    skipped[0] = (skipped[0] as number) + 1;
    end += 1;
  }
}

/** One JSON value. */
export function valueEnd(source: Uint8Array, at: number): number {
  const byte = source[at] as number;
  if (byte === QUOTE) return stringEnd(source, at);
  if (isContainer(byte)) return containerEnd(source, at);
  return byte >= 0x61 ? wordEnd(source, at) : numberEnd(source, at);
}

function stringEnd(source: Uint8Array, at: number): number {
  if (source[at] !== QUOTE) return ~at;
  let end = at + 1;
  for (;;) {
    end = plainEnd(source, end);
    const byte = source[end] as number;
    if (byte === QUOTE) return end + 1;
    if (byte !== BACKSLASH) return ~end;
    if (ESCAPES[source[end + 1] as number] !== 0) end += 2;
    else if (source[end + 1] !== LOWER_U) return ~(end + 1);
    else {
      for (let i = end + 2; i < end + 6; i += 1) {
        if (HEX[source[i] as number] === 255) return ~i;
      }
      end += 6;
    }
  }
}

function containerEnd(source: Uint8Array, from: number): number {
  let at = from;
  let depth = 0;
  for (;;) {
    const byte = source[at] as number;
    if (isContainer(byte)) {
      if (depth === MAX_DEPTH) return ~at;
      // `}` is two above `{`, and `]` two above `[`.
      closers[depth++] = byte + 2;
      at = skipSpace(source, at + 1);
      if (source[at] !== byte + 2) {
        if (byte === OPEN_BRACE) at = keyEnd(source, at);
        if (at < 0) return at;
        continue;
      }
    } else {
      at = valueEnd(source, at);
      if (at < 0) return at;
    }
    at = skipSpace(source, at);
    while (depth > 0 && source[at] === closers[depth - 1]) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at;
      at = skipSpace(source, at);
    }
    if (source[at] !== COMMA) return ~at;
    at = skipSpace(source, at + 1);
    if (closers[depth - 1] === CLOSE_BRACE) at = keyEnd(source, at);
    if (at < 0) return at;
  }
}

/** A member's name and its colon, up to the value. */
function keyEnd(source: Uint8Array, at: number): number {
  const end = stringEnd(source, at);
  if (end < 0) return end;
  const colon = skipSpace(source, end);
  return source[colon] === COLON ? skipSpace(source, colon + 1) : ~colon;
}

function wordEnd(source: Uint8Array, at: number): number {
  const word = WORDS.get(source[at] as number);
  if (word === undefined) return ~at;
  for (let i = 1; i < word.length; i += 1) {
    if (source[at + i] !== word[i]) return ~(at + i);
  }
  return at + word.length;
}

function numberEnd(source: Uint8Array, at: number): number {
  const first = source[at] === MINUS ? at + 1 : at;
  let end = source[first] === ZERO ? first + 1 : digitsEnd(source, first);
  if (end >= 0 && source[end] === DOT) end = digitsEnd(source, end + 1);
  // `E` and `e` differ in one bit.
  if (end >= 0 && ((source[end] as number) | 0x20) === 0x65) {
    const sign = source[end + 1];
    end = digitsEnd(source, sign === MINUS || sign === 0x2b ? end + 2 : end + 1);
  }
  return end;
}

/** One digit at least. */
function digitsEnd(source: Uint8Array, at: number): number {
  let end = at;
  while ((source[end] as number) >= ZERO && (source[end] as number) <= 0x39) end += 1;
  return end === at ? ~at : end;
}
