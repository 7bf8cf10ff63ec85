import { parseIso } from '../window.ts';

/** Reads an object's fields, each checked. */
export interface Fields {
  /** @throws naming the field, what was found and what was expected. */
  read<T>(name: string, is: (value: unknown) => value is T, expected: string): T;
  has(name: string): boolean;
  /** As `read`; `undefined` where the field is missing. */
  optional<T>(name: string, is: (value: unknown) => value is T, expected: string): T | undefined;
  /** A time, as milliseconds since 1970. */
  time(name: string): number;
  /** The fields of each object in a list. */
  list(name: string): Fields[];
}

const TIME_FORM = 'a UTC time of at most milliseconds, such as "2026-11-22T14:05:00.000Z"';

/** Makes the error for what was found where something else was expected. */
export type Mismatch = (found: string, expected: string, cause?: unknown) => Error;

/** @throws when the text is no JSON object. */
export function parseFields(text: string, mismatch: Mismatch): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, '')); // editors on Windows put a byte order mark there
  } catch (cause) {
    throw mismatch(`${text.length} characters that are not JSON: ${shorten(text)}`, 'a JSON object', cause);
  }
  if (!isObject(value)) throw mismatch(shorten(text), 'a JSON object');
  return fieldsOf(value, '', mismatch);
}

function fieldsOf(object: Readonly<Record<string, unknown>>, prefix: string, mismatch: Mismatch): Fields {
  const wrong = (name: string, expected: string) =>
    mismatch(`"${prefix}${name}": ${shorten(JSON.stringify(object[name]))}`, expected);
  const fields: Fields = {
    read(name, is, expected) {
      const value = object[name];
      if (is(value)) return value;
      throw wrong(name, expected);
    },
    has: (name) => object[name] !== undefined,
    optional: (name, is, expected) => (fields.has(name) ? fields.read(name, is, expected) : undefined),
    time(name) {
      const ms = parseIso(fields.read(name, isText, TIME_FORM));
      if (ms === undefined) throw wrong(name, TIME_FORM);
      return ms;
    },
    list: (name) =>
      fields.read(name, isObjects, 'a list of objects').map((one) => fieldsOf(one, `${name}[].`, mismatch)),
  };
  return fields;
}

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
export const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
export const isSize = (value: unknown): value is number => isCount(value) && value >= 1;
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isObjects = (value: unknown): value is Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) && value.every(isObject);

function shorten(text: string | undefined): string {
  const shown = text ?? 'nothing';
  return shown.length > 80 ? `${shown.slice(0, 80)}...` : shown;
}
