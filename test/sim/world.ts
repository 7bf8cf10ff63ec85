import { type Answer, type Logs, OversizeError, type Query } from '../../src/core/logs.ts';
import type { Rows } from '../../src/core/rows.ts';
import { createCounter, type Keys } from '../../src/core/tally.ts';
import { rowsOf } from '../support/rows.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';

/** One row of telemetry. Most become visible up to the lag after they were ingested, some later, and some are deleted. */
export interface Row {
  readonly id: number;
  /** Not unique: the platform delivers at least once. */
  readonly itemId: string;
  readonly ingestedMs: number;
  readonly visibleMs: number;
  readonly deletedMs: number;
}

/** The ItemId of all rows that share one. */
export const DOUBLED = 'doubled';

/** Ids of another workspace's rows begin here. */
export const STRAY_ID = 1_000_000;

/** What a recount of a range saw. */
export interface Recounted {
  readonly startMs: number;
  readonly endMs: number;
  readonly ids: ReadonlySet<number>;
}

export interface LogsFaults {
  /** Probabilities, per query. */
  readonly fail: number;
  readonly slow: number;
  readonly breaks: number;
  readonly crash: number;
  /** Answers without a Date header. */
  readonly noDate: number;
  /** How long an answer takes, at most. */
  readonly latencyMs: number;
  /** Rows of a range that is longer than this always take too long. */
  readonly slowFromMs: number;
}

const WINDOW = /ingestion_time\(\) >= datetime\(([^)]+)\) and ingestion_time\(\) (<=?) datetime\(([^)]+)\)/;
const BUCKET = /hash_xxhash64\(_ItemId, (\d+)\) == (\d+)/;

const BARS = /summarize Rows = count\(\) by Start = bin\(IngestionTime, (\d+)ms\)$/;

function histogram(rows: readonly Row[], barMs: number): object[] {
  const bars = Map.groupBy(rows, ({ ingestedMs }) => Math.floor(ingestedMs / barMs) * barMs);
  return [...bars].map(([startMs, { length }]) => ({ Start: new Date(startMs).toISOString(), Rows: length }));
}

/** A stable hash that spreads consecutive ids. */
function hash(id: number): number {
  return Math.imul(id ^ (id >>> 7), 0x9e3779b1) >>> 8;
}

/** The rows that the service holds for the query, as of `atMs`. */
function select(rows: readonly Row[], kql: string, atMs: number): Row[] {
  const [, start = '', operator, end = ''] = WINDOW.exec(kql) ?? [];
  const [, of = '1', index = '0'] = BUCKET.exec(kql) ?? [];
  const startMs = Date.parse(start);
  const endMs = Date.parse(end) + (operator === '<=' ? 1 : 0);
  return rows.filter(
    ({ id, ingestedMs, visibleMs, deletedMs }) =>
      ingestedMs >= startMs &&
      ingestedMs < endMs &&
      visibleMs <= atMs &&
      deletedMs > atMs &&
      hash(id) % Number(of) === Number(index),
  );
}

/** How long the range is whose rows a query asks for; 0 when it counts them, or nothing has come since. */
function lengthOf(kql: string, rows: readonly Row[]): number {
  const [, start = '', , end = ''] = WINDOW.exec(kql) ?? [];
  const startMs = Date.parse(start);
  const isBusy = columnsOf(kql).includes('ItemId') && rows.some(({ ingestedMs }) => ingestedMs >= startMs);
  return isBusy ? Date.parse(end) - startMs : 0;
}

/** Counts each window of the query by the keys of its rows; nothing else of the query counts. */
function recount(rows: readonly Row[], kql: string, atMs: number, keys: Keys, recounts: Recounted[]): object[] {
  return [...kql.matchAll(new RegExp(WINDOW, 'g'))].map(([text, start = '', , end = ''], index) => {
    const found = select(rows, text, atMs);
    const counter = createCounter();
    for (const { itemId } of found) counter.add(keys.ofText(itemId));
    const { rows: count, xor, sum } = counter.tally;
    const ids = new Set(found.map(({ id }) => id));
    recounts.push({ startMs: Date.parse(start), endMs: Date.parse(end), ids });
    return { Rows: count, Xor: xor, Sum: String(sum), Window: index };
  });
}

function columnsOf(kql: string): string[] {
  if (kql.startsWith('union')) return ['Rows', 'Xor', 'Sum', 'Window'];
  if (BARS.test(kql)) return ['Start', 'Rows'];
  if (kql.endsWith('| count')) return ['Count'];
  return kql.endsWith('| take 1') ? ['id', 'MonitorLiftIngestionTime'] : ['id', 'ItemId'];
}

/** Logs as one actor sees it: limits, late answers and failures included. Rows are read when a query starts. */
export function createSimulatedLogs(
  rows: readonly Row[],
  limit: number,
  random: Random,
  scheduler: Scheduler,
  actor: Actor,
  faults: LogsFaults,
  keys: Keys,
  recounts: Recounted[],
): Logs {
  async function* stream(found: readonly object[], breaksAt: number, sent: { rows: number }): AsyncIterable<object> {
    for (const [index, row] of found.entries()) {
      if (index === limit) throw new OversizeError('cut', { rows: limit, bytes: limit });
      if (index === breaksAt) throw new Error('the connection was reset');
      if (random.chance(0.3)) await scheduler.turn(actor);
      sent.rows += 1;
      yield row;
    }
  }

  async function attempt<T>(query: Query, attempts: number, receive: (rows: Rows) => Promise<T>) {
    await scheduler.turn(actor);
    const startedMs = scheduler.nowMs();
    const found = answer(query.kql, startedMs);
    scheduler.advance(random.chance(0.5) ? random.between(0, faults.latencyMs) : 0);
    await scheduler.turn(actor);
    const headersMs = scheduler.nowMs();
    const dateMs = Math.floor(headersMs / 1000) * 1000;
    const breaks = attempts < 3 && random.chance(faults.breaks);
    const sent = { rows: 0 };
    const rows = rowsOf(columnsOf(query.kql), stream(found, breaks ? random.between(0, found.length - 1) : -1, sent));
    try {
      const value = await receive(rows);
      const asOfMs = random.chance(faults.noDate) ? undefined : dateMs - (headersMs - startedMs);
      return { value, columns: rows.columns, rows: sent.rows, bytes: sent.rows, asOfMs };
    } catch (error) {
      if (breaks && error instanceof Error && error.message === 'the connection was reset') return undefined;
      throw error;
    }
  }

  function answer(kql: string, atMs: number): readonly object[] {
    if (kql.endsWith('| take 1')) return [{ id: 0, MonitorLiftIngestionTime: '2026-11-22T00:00:00Z' }];
    if (kql.startsWith('union')) return recount(rows, kql, atMs, keys, recounts);
    const found = select(rows, kql, atMs);
    const barMs = Number(BARS.exec(kql)?.[1]);
    if (barMs > 0) return histogram(found, barMs);
    return kql.endsWith('| count')
      ? [{ Count: found.length }]
      : found.map(({ id, itemId }) => ({ id, ItemId: itemId }));
  }

  return {
    async query<T>(query: Query, receive: (rows: Rows) => Promise<T>): Promise<Answer<T>> {
      query.signal.throwIfAborted();
      if (random.chance(faults.crash)) actor.crashed = true;
      if (random.chance(faults.fail)) {
        await scheduler.turn(actor);
        throw new Error('429: too many requests');
      }
      const isLong = lengthOf(query.kql, rows) > faults.slowFromMs;
      if (isLong || random.chance(faults.slow)) {
        await scheduler.turn(actor);
        scheduler.advance((isLong ? 300 : random.between(1, 300)) * 1000);
        throw new OversizeError('504: too slow', { rows: 0, bytes: 0 });
      }
      for (let attempts = 1; ; attempts++) {
        const whole = await attempt(query, attempts, receive);
        query.signal.throwIfAborted();
        if (whole !== undefined) return whole;
        query.onRetry?.(0);
      }
    },
  };
}
