import { DAY_MS, formatIso, type Window } from '../window.ts';

/** `<table> | <rest>`, checked by `parseExportQuery`. */
export interface ExportQuery {
  readonly table: string;
  /** What follows the first pipe, as written; empty when nothing does. */
  readonly rest: string;
}

/** One of `of` parts of a window, by a hash of `_ItemId` that holds between queries. */
export interface Bucket {
  readonly index: number;
  readonly of: number;
}

export function formatQuery(query: ExportQuery): string {
  return query.rest === '' ? query.table : `${query.table} | ${query.rest}`;
}

/**
 * The query for one window, or one bucket of it. The window stands right behind the table, where ingestion time is known.
 * `itemId` is off for tables without `_ItemId`.
 */
export function windowQuery(query: ExportQuery, window: Window, itemId: boolean, bucket?: Bucket): string {
  const lines = [
    query.table,
    `where ingestion_time() >= datetime(${formatIso(window.startMs)}) and ingestion_time() < datetime(${formatIso(window.endMs)})`,
  ];
  if (bucket !== undefined) lines.push(`where hash_xxhash64(_ItemId, ${bucket.of}) == ${bucket.index}`);
  lines.push(`extend IngestionTime = ingestion_time()${itemId ? ', ItemId = _ItemId' : ''}`);
  if (query.rest !== '') lines.push(query.rest);
  return lines.join('\n| ');
}

/** Counts the rows of a query, which may end in a comment. */
export function countQuery(kql: string): string {
  return `${kql}\n| count`;
}

/** How many rows of a window were ingested in each `barMs`. Fails for a query that drops the ingestion time. */
export function histogramQuery(query: ExportQuery, window: Window, barMs: number): string {
  return `${windowQuery(query, window, false)}\n| summarize Rows = count() by Start = bin(IngestionTime, ${barMs}ms)`;
}

/** One row of the table with its ingestion time, to see whether the table has one and which columns there are. */
export const PROBE_COLUMN = 'MonitorLiftIngestionTime';
export function probeQuery(query: ExportQuery): string {
  return `${query.table}\n| extend ${PROBE_COLUMN} = ingestion_time()\n| take 1`;
}

/**
 * The request's timespan applies to TimeGenerated, which may be up to 2 days before and 1 day after the ingestion time
 * (the service rewrites anything beyond); a day more for rows that were under way.
 */
export function timespanOf(window: Window): { startMs: number; endMs: number } {
  return { startMs: window.startMs - 3 * DAY_MS, endMs: window.endMs + DAY_MS };
}
