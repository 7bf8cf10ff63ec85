import type { Backfill, Claim } from '../sink.ts';
import { formatIso } from '../window.ts';
import { type Fields, isCount, isText } from './fields.ts';

/** As watermark and verdicts have a claim: times in ISO 8601, and the sum as text, for it may be beyond 2^53. */
export function formatClaim({ fromMs, untilMs, rows, bytes, late, xor, sum }: Claim): object {
  return { from: formatIso(fromMs), until: formatIso(untilMs), rows, bytes, late, xor, sum: String(sum) };
}

/** @throws as the fields do. */
export function parseClaim(fields: Fields): Claim {
  return {
    fromMs: fields.time('from'),
    untilMs: fields.time('until'),
    rows: fields.read('rows', isCount, 'a whole number'),
    bytes: fields.read('bytes', isCount, 'a whole number'),
    late: fields.read('late', isCount, 'a whole number'),
    xor: fields.read('xor', isXor, '16 hexadecimal digits'),
    sum: BigInt(fields.read('sum', isSum, 'a whole number, as text')),
  };
}

export function formatBackfill({ id, fromMs, untilMs, again }: Backfill): object {
  return { id, from: formatIso(fromMs), until: formatIso(untilMs), again };
}

/** @throws as the fields do. */
export function parseBackfill(fields: Fields): Backfill {
  return {
    id: fields.read('id', isId, 'the name of a folder'),
    fromMs: fields.time('from'),
    untilMs: fields.time('until'),
    ...(fields.has('again') && { again: fields.read('again', isTrue, 'true, or nothing') }),
  };
}

const isTrue = (value: unknown): value is true => value === true;
const isXor = (value: unknown): value is string => isText(value) && /^[0-9a-f]{16}$/.test(value);
const isSum = (value: unknown): value is string => isText(value) && /^\d{1,30}$/.test(value);
const isId = (value: unknown): value is string => isText(value) && /^[A-Za-z0-9.-]{1,100}$/.test(value);
