import type { Look, Position } from '../sink.ts';
import { formatIso } from '../window.ts';
import { formatBackfill, formatClaim, parseBackfill, parseClaim } from './claims.ts';
import { type Fields, isFlag, isObject, isSize, isText } from './fields.ts';

/** Written with a position: whoever knows another one leaves it alone, or would drop what it does not know. */
export const POSITION_VERSION = 2;

/** A position as JSON: what every sink writes, so that people find the same fields everywhere. */
export function formatPosition(position: Position): object {
  const { exportedFromMs } = position;
  return {
    export: position.export,
    source: position.source,
    query: position.query,
    exportedFrom: exportedFromMs === undefined ? undefined : formatIso(exportedFromMs),
    exportedUntil: formatIso(position.exportedUntilMs),
    claims: position.claims.map(formatClaim),
    backfills: position.backfills.map(formatBackfill),
    windowMs: position.windowMs,
    look: position.look,
  };
}

/** @throws as the fields do. */
export function parsePosition(fields: Fields, exportName: string): Position {
  return {
    export: exportName,
    source: fields.read('source', isText, 'the workspace id'),
    // A file that was made by hand may lack it.
    query: fields.optional('query', isText, 'the query'),
    exportedFromMs: fields.has('exportedFrom') ? fields.time('exportedFrom') : undefined,
    exportedUntilMs: fields.time('exportedUntil'),
    windowMs: fields.read('windowMs', isSize, 'a whole number of milliseconds, 1 or more'),
    look: fields.optional('look', isLook, 'the names of the columns that are added'),
    claims: fields.has('claims') ? fields.list('claims').map(parseClaim) : [],
    backfills: fields.has('backfills') ? fields.list('backfills').map(parseBackfill) : [],
  };
}

const isLook = (value: unknown): value is Look =>
  isObject(value) &&
  (value.itemId === undefined || isText(value.itemId)) &&
  isText(value.ingestionTime) &&
  isFlag(value.proven);
