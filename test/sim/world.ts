import { type Answer, type Logs, OversizeError, type Query } from '../../src/core/logs.ts';
import type { Batch, Rows } from '../../src/core/rows.ts';
import { toColumns, toRows } from '../support/rows.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';

/** One row of telemetry: rows become visible up to the lag after they were ingested. */
export interface Row {
  readonly id: number;
  readonly ingestedMs: number;
  readonly visibleMs: number;
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
    ({ id, ingestedMs, visibleMs }) =>
      ingestedMs >= startMs && ingestedMs < endMs && visibleMs <= atMs && hash(id) % Number(of) === Number(index),
  );
}

/** Logs as one actor sees it: limits, late answers and failures included. Rows are read when a query starts. */
export function createSimulatedLogs(
  rows: readonly Row[],
  limit: number,
  random: Random,
  scheduler: Scheduler,
  actor: Actor,
  faults: LogsFaults,
): Logs {
  async function* stream(found: readonly object[], breaksAt: number, sent: { rows: number }): AsyncGenerator<Batch> {
    for (const [index, row] of found.entries()) {
      if (index === limit) throw new OversizeError('cut', { rows: limit, bytes: limit });
      if (index === breaksAt) throw new Error('the connection was reset');
      if (random.chance(0.3)) await scheduler.turn(actor);
      sent.rows += 1;
      yield* toRows([row]).batches;
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
    const { columns } = toRows(found);
    let value: T;
    try {
      value = await receive({
        columns,
        batches: stream(found, breaks ? random.between(0, found.length - 1) : -1, sent),
      });
    } catch (error) {
      if (breaks && error instanceof Error && error.message === 'the connection was reset') return undefined;
      throw error;
    }
    const asOfMs = random.chance(faults.noDate) ? undefined : dateMs - (headersMs - startedMs);
    const names = query.kql.includes('ItemId =') ? ['id', 'ItemId'] : ['id'];
    return { value, columns: toColumns(names), rows: sent.rows, bytes: sent.rows, asOfMs };
  }

  function answer(kql: string, atMs: number): readonly object[] {
    if (kql.includes('| take 1')) return [];
    const found = select(rows, kql, atMs);
    const barMs = Number(BARS.exec(kql)?.[1]);
    if (barMs > 0) return histogram(found, barMs);
    return kql.endsWith('| count') ? [{ Count: found.length }] : found.map(({ id }) => ({ id }));
  }

  return {
    async query<T>(query: Query, receive: (rows: Rows) => Promise<T>): Promise<Answer<T>> {
      query.signal.throwIfAborted();
      if (random.chance(faults.crash)) actor.crashed = true;
      if (random.chance(faults.fail)) {
        await scheduler.turn(actor);
        throw new Error('429: too many requests');
      }
      if (random.chance(faults.slow)) {
        await scheduler.turn(actor);
        scheduler.advance(random.between(1, 300) * 1000);
        throw new OversizeError('504: too slow', { rows: 0, bytes: 0 });
      }
      for (let attempts = 1; ; attempts++) {
        const whole = await attempt(query, attempts, receive);
        query.signal.throwIfAborted();
        if (whole !== undefined) return whole;
        query.onRetry?.();
      }
    },
  };
}
