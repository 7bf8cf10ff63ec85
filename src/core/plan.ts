import { OversizeError } from './logs.ts';
import type { Rows } from './rows.ts';
import type { ExportOptions, Ports } from './run.ts';
import type { Look } from './sink.ts';
import { halfSize, TARGETS } from './sizing.ts';
import { sum } from './sum.ts';
import type { Asking, Bar, Table } from './table.ts';
import { DAY_MS, HOUR_MS, hourOf, MINUTE_MS, type Window } from './window.ts';

/** How an export is to be run. Times in milliseconds. */
export interface PlanOptions extends Pick<ExportOptions, 'lagMs' | 'windowMs' | 'budgetMs' | 'auditMs'> {
  /** So far back is looked. */
  readonly days: number;
  /** From one run to the next. */
  readonly intervalMs: number;
}

/** What was measured of a table. */
export interface Measured {
  readonly days: number;
  /** Rows of each hour with rows, and of each minute of the busiest hour. */
  readonly hours: readonly Bar[];
  readonly minutes: readonly Bar[];
  /** An answer, and what it is in the lake. `waitMs` passed before it began. */
  readonly sample: { rows: number; jsonBytes: number; lakeBytes: number; waitMs: number; durationMs: number };
}

/** What an export will do, a day on average. Quantities only: prices differ. */
export interface Plan {
  readonly rows: number;
  /** Of the answers, as they come. */
  readonly jsonBytes: number;
  readonly lakeBytes: number;
  /** Rows a second in the busiest minute. */
  readonly peakRows: number;
  readonly queries: number;
  /** To a data lake. */
  readonly storageRequests: number;
  /** Of an instance of 2 GB. */
  readonly gbSeconds: number;
  /** How long the export of 90 days takes, as long as tables keep rows by default. */
  readonly backfillDays: number;
  /** Into how many exports the table must be split, so that each carries its share of the busiest hour. */
  readonly exports: number;
}

const SAMPLE_ROWS = 20_000;
const INSTANCE_GB = 2;
/** A run is billed for this at least. */
const LEAST_RUN_MS = 1000;
const RETENTION_DAYS = 90;
/** A store writes parts in pieces of this. */
const BLOCK_BYTES = 4 * 1024 * 1024;
/** Requests to a lake: docs/sizing.md. */
const REQUESTS = { run: 2, window: 3, runWithParts: 3, part: 3, hour: 3, audit: 6 };

/**
 * Measures an export's table by a look, two counts and a sample of rows, which goes through `encode` and nowhere else.
 * @throws when the query drops the ingestion time.
 */
export async function measure(
  table: Table,
  encode: Encode,
  { days, intervalMs, lagMs }: PlanOptions,
  clock: Ports['clock'],
  asking: Asking,
): Promise<Measured> {
  const { value: look } = await table.look(asking);
  const endMs = hourOf(clock.now() - lagMs) * HOUR_MS;
  const hours = await table.bars({ startMs: endMs - days * DAY_MS, endMs }, HOUR_MS, look, asking);
  const busiest = busiestOf(hours);
  const nothing = { rows: 0, jsonBytes: 0, lakeBytes: 0, waitMs: 0, durationMs: 0 };
  if (busiest === undefined) return { days, hours, minutes: [], sample: nothing };
  const hour = { startMs: busiest.startMs, endMs: busiest.startMs + HOUR_MS };
  const minutes = await table.bars(hour, MINUTE_MS, look, asking);
  const { startMs, rows } = busiestOf(minutes) ?? busiest;
  // As many as a part will have: how well rows are compressed depends on it.
  const usual = (rowsOf(hours) / hours.length) * (intervalMs / HOUR_MS);
  const wanted = Math.min(SAMPLE_ROWS, Math.max(1, usual));
  const lengthMs = Math.min(HOUR_MS, Math.max(1, Math.ceil((MINUTE_MS * wanted) / rows)));
  const sample = await takeSample(table, encode, { startMs, endMs: startMs + lengthMs }, look, clock, asking);
  return { days, hours, minutes, sample };
}

/** An answer to the window, or to the first half of it that is small enough for one. */
async function takeSample(
  table: Table,
  encode: Encode,
  window: Window,
  look: Look,
  clock: Ports['clock'],
  asking: Asking,
): Promise<Measured['sample']> {
  const startedMs = clock.elapsed();
  let waitMs = 0;
  try {
    const answer = await table.rows({ window }, look, asking, async (rows) => {
      waitMs = clock.elapsed() - startedMs;
      let bytes = 0;
      for await (const chunk of encode(rows)) bytes += chunk.length;
      return bytes;
    });
    const durationMs = clock.elapsed() - startedMs;
    return { rows: answer.rows, jsonBytes: answer.bytes, lakeBytes: answer.value, waitMs, durationMs };
  } catch (error) {
    const sizeMs = halfSize(window);
    const isCut = error instanceof OversizeError && error.rows > 0;
    if (!isCut || window.startMs + sizeMs === window.endMs) throw error;
    return takeSample(table, encode, { ...window, endMs: window.startMs + sizeMs }, look, clock, asking);
  }
}

/** Rows as the bytes of a part. */
type Encode = (rows: Rows) => AsyncIterable<Uint8Array>;

/** What comes of it, when the coming days are as those before. */
export function planOf({ days, hours, minutes, sample }: Measured, options: PlanOptions): Plan {
  const { intervalMs, windowMs, budgetMs, auditMs } = options;
  const perRow = (bytes: number) => (sample.rows === 0 ? 0 : bytes / sample.rows);
  const jsonOf = (rows: number) => rows * perRow(sample.jsonBytes);
  const runs = HOUR_MS / intervalMs;
  const share = Math.min(intervalMs, budgetMs) / intervalMs;
  const msPerByte = sample.jsonBytes === 0 ? 0 : (sample.durationMs - sample.waitMs) / sample.jsonBytes;
  const timeOf = (bytes: number) => sample.waitMs + bytes * msPerByte;
  /** Bytes a day that one export carries, one query after the other. */
  const carried = (DAY_MS * share * TARGETS.bytes) / Math.max(1, timeOf(TARGETS.bytes));

  let [queries, storageRequests, runMs] = [0, 0, 0];
  const idle = Math.max(0, Math.round(days * (DAY_MS / HOUR_MS)) - hours.length);
  const kinds = [...hours.map(({ rows }) => ({ rows, times: 1 })), { rows: 0, times: idle }];
  for (const { rows, times } of kinds) {
    const perRun = rows / runs;
    const perRunWindows = Math.max(perRun / TARGETS.rows, jsonOf(perRun) / TARGETS.bytes, intervalMs / windowMs, 1);
    // No window passes a full hour, and runs do not begin there.
    const windows = runs * Math.ceil(perRunWindows) + 1;
    const parts = Math.min(windows, rows);
    const blocks = parts * Math.floor((rows * perRow(sample.lakeBytes)) / Math.max(1, parts) / BLOCK_BYTES);
    const recounts = auditMs > 0 ? 1 : 0;
    queries += times * (windows + recounts);
    storageRequests +=
      times * (runs * REQUESTS.run + windows * REQUESTS.window + Math.min(runs, parts) * REQUESTS.runWithParts) +
      times * (parts * REQUESTS.part + blocks + REQUESTS.hour + recounts * REQUESTS.audit);
    runMs += times * runs * Math.max(LEAST_RUN_MS, (windows / runs) * timeOf(jsonOf(rows / windows)));
  }
  const rows = rowsOf(hours) / days;
  const busiest = busiestOf(hours)?.rows ?? 0;
  return {
    rows,
    jsonBytes: jsonOf(rows),
    lakeBytes: rows * perRow(sample.lakeBytes),
    peakRows: (busiestOf(minutes)?.rows ?? 0) / (MINUTE_MS / 1000),
    queries: queries / days,
    storageRequests: storageRequests / days,
    gbSeconds: ((runMs / 1000) * INSTANCE_GB) / days,
    backfillDays: (RETENTION_DAYS * jsonOf(rows)) / carried,
    exports: Math.max(1, Math.ceil((jsonOf(busiest) * (DAY_MS / HOUR_MS)) / carried)),
  };
}

const rowsOf = (bars: readonly Bar[]) => sum(bars, ({ rows }) => rows);
const busiestOf = (bars: readonly Bar[]) => bars.toSorted((a, b) => b.rows - a.rows)[0];
