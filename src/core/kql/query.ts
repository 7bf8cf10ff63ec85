import type { Look, PartKey } from '../sink.ts';
import { DAY_MS, formatIso, type Window } from '../window.ts';

/** `<table> | <rest>`, checked by `parseExportQuery`. */
export interface ExportQuery {
  readonly table: string;
  /** What follows the first pipe, as written; empty when nothing does. */
  readonly rest: string;
}

export function formatQuery(query: ExportQuery): string {
  return query.rest === '' ? query.table : `${query.table} | ${query.rest}`;
}

/**
 * The query for one window, or one bucket of it. The window stands right behind the table, where ingestion time is known.
 */
export function windowQuery(query: ExportQuery, { window, bucket }: PartKey, look: Look): string {
  const lines = [
    query.table,
    `where ingestion_time() >= datetime(${formatIso(window.startMs)}) and ingestion_time() < datetime(${formatIso(window.endMs)})`,
  ];
  if (bucket !== undefined) lines.push(`where hash_xxhash64(_ItemId, ${bucket.of}) == ${bucket.index}`);
  const itemId = look.itemId === undefined ? '' : `, ${look.itemId} = _ItemId`;
  lines.push(`extend ${look.ingestionTime} = ingestion_time()${itemId}`);
  if (query.rest !== '') lines.push(query.rest);
  return lines.join('\n| ');
}

/** Counts the rows of a query, which may end in a comment. */
export function countQuery(kql: string): string {
  return `${kql}\n| count`;
}

/** How many rows of a window were ingested in each `barMs`. Fails for a query that drops the ingestion time. */
export function histogramQuery(query: ExportQuery, window: Window, barMs: number, look: Look): string {
  return `${windowQuery(query, { window }, look)}\n| summarize Rows = count() by Start = bin(${look.ingestionTime}, ${barMs}ms)`;
}

/**
 * Counts the rows of each window, with checksums of the keys of their `ItemId`, in one query; and, as window -1, the rows
 * of the table that have no ingestion time. The sum is text, for it may be longer than a number of JSON can be.
 */
export function recountQuery(query: ExportQuery, windows: readonly Window[], look: Look): string {
  const key = `hash_xxhash64(tostring(${look.itemId}))`;
  const counts = windows.map(
    (window, index) =>
      `(${windowQuery(query, { window }, look)}\n| extend MonitorLiftKey = ${key}\n| summarize Rows = count(), ` +
      'Xor = tohex(binary_all_xor(MonitorLiftKey)), Sum = tostring(sum(binary_and(MonitorLiftKey, 4294967295)))\n' +
      `| extend Window = ${index})`,
  );
  const withoutTime = `(${query.table}\n| where isnull(ingestion_time())\n| summarize Rows = count()\n| extend Window = -1)`;
  return `union\n${[...counts, withoutTime].join(',\n')}`;
}

/** What `lookQuery` adds to a row of the table; null in both: the table has none. */
export const LOOK_TIME = 'MonitorLiftIngestionTime';

/** One row of the table with what the export adds, to see whether the table has it, and which columns there are. */
export function lookQuery(query: ExportQuery, itemId: boolean): string {
  return `${query.table}\n| extend ${LOOK_TIME} = ingestion_time()${itemId ? ', MonitorLiftItemId = _ItemId' : ''}\n| take 1`;
}

/**
 * The request's timespan applies to TimeGenerated, which may be up to 2 days before and 1 day after the ingestion time
 * (the service rewrites anything beyond); a day more for rows that were under way.
 */
export function timespanOf(window: Window): { startMs: number; endMs: number } {
  return { startMs: window.startMs - 3 * DAY_MS, endMs: window.endMs + DAY_MS };
}
