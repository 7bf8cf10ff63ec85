import { DAY_MS, formatIso, type Window } from '../window.ts';

/** `<lets> <table> | <rest>`, checked by `parseExportQuery`. */
export interface ExportQuery {
  /** `let` statements of single values, as written, the last semicolon included; left out when there are none. */
  readonly lets?: string;
  readonly table: string;
  /** What follows the first pipe, as written; empty when nothing does. */
  readonly rest: string;
  /**
   * Set when it reads other tables in brackets: which rows there are then depends on when it runs, and a recount would
   * find others.
   */
  readonly readsOthers?: boolean;
}

/** The names of the columns that an export adds; `ADDED_APART` for a table that has one of them itself. */
export interface AddedColumns {
  readonly ingestionTime: string;
  readonly itemId: string;
}
export const ADDED: AddedColumns = { ingestionTime: 'IngestionTime', itemId: 'ItemId' };
export const ADDED_APART: AddedColumns = { ingestionTime: 'ExportIngestionTime', itemId: 'ExportItemId' };

/** One of `of` parts of a window, by a hash of `_ItemId` that holds between queries. */
export interface Bucket {
  readonly index: number;
  readonly of: number;
}

export function formatQuery(query: ExportQuery): string {
  return `${begin(query)}${query.rest === '' ? '' : ` | ${query.rest}`}`;
}

function begin({ lets, table }: ExportQuery): string {
  return lets === undefined ? table : `${lets}\n${table}`;
}

/**
 * The query for one window, or one bucket of it. The window stands right behind the table, where ingestion time is
 * known.
 * `itemId` is off for tables without `_ItemId`.
 */
export function windowQuery(
  query: ExportQuery,
  window: Window,
  itemId: boolean,
  bucket?: Bucket,
  names: AddedColumns = ADDED,
): string {
  const [start, end] = [window.startMs, window.endMs].map((ms) => `datetime(${formatIso(ms)})`);
  const lines = [begin(query), `where ingestion_time() >= ${start} and ingestion_time() < ${end}`];
  if (bucket !== undefined) lines.push(`where hash_xxhash64(_ItemId, ${bucket.of}) == ${bucket.index}`);
  lines.push(`extend ${names.ingestionTime} = ingestion_time()${itemId ? `, ${names.itemId} = _ItemId` : ''}`);
  if (query.rest !== '') lines.push(query.rest);
  return lines.join('\n| ');
}

/** Counts the rows of a query, which may end in a comment. */
export function countQuery(kql: string): string {
  return `${kql}\n| count`;
}

/** How many rows of a window were ingested in each `barMs`. Fails for a query that drops the ingestion time. */
export function histogramQuery(query: ExportQuery, window: Window, barMs: number, names = ADDED): string {
  const rows = windowQuery(query, window, false, undefined, names);
  return `${rows}\n| summarize Rows = count() by Start = bin(${names.ingestionTime}, ${barMs}ms)`;
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
