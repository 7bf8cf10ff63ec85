import { DOT, MINUS, QUOTE, ZERO } from '../tokens.ts';

/*
 * Cells as numbers: each is one valid JSON value, from `from` to `to`. `undefined`: not what Logs writes for the type.
 */

const NINE = 0x39;
const LOWER_F = 0x66;
const LOWER_T = 0x74;

/** A whole number of this many digits is exact as a double, and so is a power of ten up to 10^22. */
const EXACT_DIGITS = 15;
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

/** Digits and nothing else, no fraction and no exponent. A BigInt only where a double might round. */
export function readLong(source: Uint8Array, from: number, to: number): number | bigint | undefined {
  const first = source[from] === MINUS ? from + 1 : from;
  if (to - first > EXACT_DIGITS) return readLongest(source, from, to);
  const value = readDigits(source, first, to);
  if (value < 0) return undefined;
  return first > from ? -value : value;
}

function readLongest(source: Uint8Array, from: number, to: number): bigint | undefined {
  const text = textOf(source, from, to);
  return /^-?\d{1,19}$/.test(text) ? asInt64(BigInt(text)) : undefined;
}

function asInt64(value: bigint): bigint | undefined {
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

export function readInt(source: Uint8Array, from: number, to: number): number | undefined {
  const value = readLong(source, from, to);
  return typeof value === 'number' && value >= -(2 ** 31) && value < 2 ** 31 ? value : undefined;
}

/** -1: something else is there too. Exact up to 15 digits. */
function readDigits(source: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i += 1) {
    const byte = source[i] as number;
    if (byte < ZERO || byte > NINE) return -1;
    value = value * 10 + (byte - ZERO);
  }
  return value;
}

/** A number, or `"NaN"`, `"Infinity"`, `"-Infinity"`. */
export function readReal(source: Uint8Array, from: number, to: number): number | undefined {
  const first = source[from] === MINUS ? from + 1 : from;
  let mantissa = 0;
  let point = to;
  for (let i = first; i < to; i += 1) {
    const byte = source[i] as number;
    if (byte >= ZERO && byte <= NINE) mantissa = mantissa * 10 + (byte - ZERO);
    else if (byte === DOT) point = i;
    else return readOddReal(source, from, to);
  }
  if (to - first > EXACT_DIGITS) return readOddReal(source, from, to);
  // Both exact: their quotient is rounded once, as the digits themselves would be.
  const value = point < to ? mantissa / (POWERS[to - point - 1] as number) : mantissa;
  return first > from ? -value : value;
}

function readOddReal(source: Uint8Array, from: number, to: number): number | undefined {
  const text = textOf(source, from, to);
  if (text === '"NaN"') return Number.NaN;
  if (text === '"Infinity"') return Number.POSITIVE_INFINITY;
  if (text === '"-Infinity"') return Number.NEGATIVE_INFINITY;
  const value = /^[-\d]/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** 1 or 0, which some of Kusto's answers write for `true` and `false`. */
export function readBool(source: Uint8Array, from: number, to: number): number | undefined {
  const byte = source[from] as number;
  if (byte === LOWER_T) return 1;
  if (byte === LOWER_F) return 0;
  return to === from + 1 && (byte === ZERO || byte === ZERO + 1) ? byte - ZERO : undefined;
}

/** `"2026-11-22T14:05:00.1234567Z"`: what stands between the digits. */
const PUNCTUATION = [QUOTE, MINUS, MINUS, 0x54, 0x3a, 0x3a];
const PUNCTUATION_AT = [0, 5, 8, 11, 14, 17];

/**
 * A time with up to seven digits behind its point, or none, as units since 1970. Digits below the unit are cut off, so that
 * no time becomes a later one.
 * @param unitsPerSecond a power of ten.
 */
export function readDatetime(
  source: Uint8Array,
  from: number,
  to: number,
  unitsPerSecond: number,
): number | bigint | undefined {
  const fractionDigits = to - from === 22 ? 0 : to - from - 23;
  if (to - from < 22 || fractionDigits > 7) return undefined;
  if (to - from > 22 && (source[from + 20] !== DOT || fractionDigits === 0)) return undefined;
  for (const [i, at] of PUNCTUATION_AT.entries()) if (source[from + at] !== PUNCTUATION[i]) return undefined;
  if (source[to - 2] !== 0x5a || source[to - 1] !== QUOTE) return undefined;
  const day = readDay(source, from + 1);
  const hour = readDigits(source, from + 12, from + 14);
  const minute = readDigits(source, from + 15, from + 17);
  const second = readDigits(source, from + 18, from + 20);
  const fraction = fractionDigits > 0 ? readDigits(source, from + 21, to - 2) : 0;
  if (day === undefined || hour < 0 || minute < 0 || second < 0 || fraction < 0) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const scale = POWERS[fractionDigits] as number;
  const units =
    scale > unitsPerSecond ? Math.floor(fraction / (scale / unitsPerSecond)) : fraction * (unitsPerSecond / scale);
  const seconds = day + hour * 3600 + minute * 60 + second;
  const whole = seconds * unitsPerSecond;
  if (Number.isSafeInteger(whole) && Number.isSafeInteger(whole + units)) return whole + units;
  return asInt64(BigInt(seconds) * BigInt(unitsPerSecond) + BigInt(units));
}

/** The day that was read last: nearly always that of the next cell too. */
let lastDate = -1;
let lastDaySeconds = 0;

/** The seconds from 1970 to the begin of the day `2026-11-22`. */
function readDay(source: Uint8Array, from: number): number | undefined {
  const year = readDigits(source, from, from + 4);
  const month = readDigits(source, from + 5, from + 7);
  const day = readDigits(source, from + 8, from + 10);
  if (year < 0 || month < 0 || day < 0) return undefined;
  const date = year * 10_000 + month * 100 + day;
  if (date === lastDate) return lastDaySeconds;
  const text = textOf(source, from, from + 10);
  const ms = Date.parse(`${text}T00:00:00Z`);
  // A day that its month does not have would be one of the next month.
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(text)) return undefined;
  lastDate = date;
  lastDaySeconds = ms / 1000;
  return lastDaySeconds;
}

function textOf(source: Uint8Array, from: number, to: number): string {
  return Buffer.from(source.buffer, source.byteOffset + from, to - from).toString('latin1');
}
