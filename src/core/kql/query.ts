import type { Look, PartKey } from '../sink.ts';
import { DAY_MS, formatIso, type Window } from '../window.ts';
import { TABLES } from './tables.ts';

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

/** The columns that an export adds: under these names, or apart beside columns of the table's own. */
export const ADDED = { itemId: 'ItemId', ingestionTime: 'IngestionTime' } as const;
export const ADDED_APART = { itemId: 'ExportItemId', ingestionTime: 'ExportIngestionTime' } as const;
export const ADDED_NAMES: ReadonlySet<string> = new Set([...Object.values(ADDED), ...Object.values(ADDED_APART)]);

/**
 * The column of the table that tells its rows apart. It is hidden in a workspace, and the tables in the old terms show it
 * under another name.
 */
export function itemIdColumn({ table }: Pick<ExportQuery, 'table'>): string {
  return Object.hasOwn(TABLES, table) ? 'itemId' : '_ItemId';
}

export function formatQuery({ lets, table, rest }: ExportQuery): string {
  return withLets(lets, `${table}${rest === '' ? '' : ` | ${rest}`}`);
}

function withLets(lets: string | undefined, kql: string): string {
  return lets === undefined ? kql : `${lets}\n${kql}`;
}

/**
 * The query for one window, or one bucket of it. The window stands right behind the table, where ingestion time is known.
 */
export function windowQuery(query: ExportQuery, key: PartKey, look: Look): string {
  return withLets(query.lets, windowRows(query, key, look));
}

function windowRows(query: ExportQuery, { window, bucket }: PartKey, look: Look): string {
  const [start, end] = [window.startMs, window.endMs].map((ms) => `datetime(${formatIso(ms)})`);
  const lines = [query.table, `where ingestion_time() >= ${start} and ingestion_time() < ${end}`];
  const column = itemIdColumn(query);
  if (bucket !== undefined) lines.push(`where hash_xxhash64(${column}, ${bucket.of}) == ${bucket.index}`);
  const itemId = look.itemId === undefined || look.itemId === column ? '' : `, ${look.itemId} = ${column}`;
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
 * Counts the rows of each window, with checksums of the keys of the column `itemId` where there is one, in one query; and,
 * as window -1, the rows of the table that have no ingestion time. The sum is text, for it may be longer than a number of
 * JSON can be.
 */
export function recountQuery(
  query: ExportQuery,
  windows: readonly Window[],
  look: Look,
  itemId: string | undefined,
): string {
  const keyed = `| extend MonitorLiftKey = hash_xxhash64(tostring(${itemId}))\n`;
  const sums =
    ', Xor = tohex(binary_all_xor(MonitorLiftKey)), Sum = tostring(sum(binary_and(MonitorLiftKey, 4294967295)))';
  const counted = `summarize Rows = count()${itemId === undefined ? '' : sums}`;
  const counts = windows.map(
    (window, index) =>
      `(${windowRows(query, { window }, look)}\n${itemId === undefined ? '' : keyed}| ${counted}\n| extend Window = ${index})`,
  );
  const withoutTime = `(${query.table}\n| where isnull(ingestion_time())\n| summarize Rows = count()\n| extend Window = -1)`;
  return withLets(query.lets, `union\n${[...counts, withoutTime].join(',\n')}`);
}

/** When the oldest row of the table was ingested. */
export function oldestQuery(query: ExportQuery): string {
  return `${query.table}\n| summarize Oldest = min(ingestion_time())`;
}

/** What `lookQuery` adds to a row of the table; null in both: the table has none. */
export const LOOK_TIME = 'MonitorLiftIngestionTime';

/** One row of the table with what the export adds, to see whether the table has it, and which columns there are. */
export function lookQuery(query: ExportQuery, itemId: boolean): string {
  return `${query.table}\n| extend ${LOOK_TIME} = ingestion_time()${itemId ? `, MonitorLiftItemId = ${itemIdColumn(query)}` : ''}\n| take 1`;
}

/**
 * The request's timespan applies to TimeGenerated, which may be up to 2 days before and 1 day after the ingestion time
 * (the service rewrites anything beyond); a day more for rows that were under way.
 */
export function timespanOf(window: Window): { startMs: number; endMs: number } {
  return { startMs: window.startMs - 3 * DAY_MS, endMs: window.endMs + DAY_MS };
}
