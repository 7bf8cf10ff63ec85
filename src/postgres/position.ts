import { type Fields, isCount, isFlag, isObject, isSize, isText, parseFields } from '../core/lake/fields.ts';
import type { Claim, Look, Position } from '../core/sink.ts';
import { formatIso } from '../core/window.ts';
import { qualified } from './names.ts';

/** The JSON of a position, as a lake's watermark file has it. */
export function formatPosition(position: Position): string {
  const { exportedFromMs, look } = position;
  return JSON.stringify({
    export: position.export,
    source: position.source,
    query: position.query,
    exportedFrom: exportedFromMs === undefined ? undefined : formatIso(exportedFromMs),
    exportedUntil: formatIso(position.exportedUntilMs),
    claims: position.claims.map(formatClaim),
    backfills: position.backfills.map(({ id, fromMs, untilMs }) => ({
      id,
      from: formatIso(fromMs),
      until: formatIso(untilMs),
    })),
    windowMs: position.windowMs,
    look: look && { itemId: look.itemId, ingestionTime: look.ingestionTime, proven: look.proven },
  });
}

/** @throws naming the field, what was found, and what to do. */
export function parsePosition(text: string, home: string): Position {
  const fields = parseFields(
    text,
    (found, expected, cause) =>
      new Error(
        `${qualified('_watermark')}, home '${home}': found ${found}, expected ${expected}. Nothing was exported or ` +
          'changed. Restore the row, or set the export back (README, "Set an export back")',
        { cause },
      ),
  );
  const name = home.split('/')[0] ?? home;
  return {
    export: fields.read('export', (value): value is string => value === name, `"${name}"`),
    source: fields.read('source', isText, 'the workspace id'),
    query: fields.optional('query', isText, 'the query'),
    exportedFromMs: fields.has('exportedFrom') ? fields.time('exportedFrom') : undefined,
    exportedUntilMs: fields.time('exportedUntil'),
    windowMs: fields.read('windowMs', isSize, 'a whole number of milliseconds, 1 or more'),
    look: fields.optional('look', isLook, 'the names of the columns that are added'),
    claims: fields.list('claims').map(parseClaim),
    backfills: fields.list('backfills').map((entry) => ({
      id: entry.read('id', isText, 'text'),
      fromMs: entry.time('from'),
      untilMs: entry.time('until'),
    })),
  };
}

function formatClaim({ fromMs, untilMs, rows, bytes, late, xor, sum }: Claim): object {
  return { from: formatIso(fromMs), until: formatIso(untilMs), rows, bytes, late, xor, sum: String(sum) };
}

function parseClaim(fields: Fields): Claim {
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

const isXor = (value: unknown): value is string => isText(value) && /^[0-9a-f]{16}$/.test(value);
const isSum = (value: unknown): value is string => isText(value) && /^\d{1,30}$/.test(value);
const isLook = (value: unknown): value is Look =>
  isObject(value) &&
  (value.itemId === undefined || isText(value.itemId)) &&
  isText(value.ingestionTime) &&
  isFlag(value.proven);
