import assert from 'node:assert/strict';
import { runExport } from '../../src/core/exporter.ts';
import type { Answer, Logs, Query } from '../../src/core/logs.ts';
import type { Rows } from '../../src/core/rows.ts';
import { createPorts, MINUTE_MS, NOW_MS, OPTIONS, putWatermark } from './exporter-scene.ts';
import { createMemoryStore, type MemoryOptions, type MemoryStore } from './memory-store.ts';
import { rowsOf } from './rows.ts';

/** A query that waits for what the test says. */
export interface Held {
  /** Of its window, counted from that of the watermark. */
  readonly minute: number;
  readonly isAhead: boolean;
  readonly signal: AbortSignal;
  readonly onRetry: () => void;
  /** The service answers with one row. */
  answer(id: number, asOfMs?: number): Promise<void>;
  fail(error: Error): Promise<void>;
}

export interface AheadScene {
  readonly store: MemoryStore;
  /** All queries so far. */
  readonly asked: readonly Held[];
  /** Those of a window, in the order of asking. */
  of(minute: number): readonly Held[];
  /** The minutes that are being asked for. */
  underWay(): number[];
  readonly messages: readonly string[];
  readonly run: ReturnType<typeof runExport>;
  readonly stop: AbortController;
  setElapsed(ms: number): void;
}

const START_MS = Date.parse('2026-11-22T14:00:00.000Z');
const WINDOW = /datetime\(([^)]+)\)/;
/** So long each answer makes wait. */
const THOUGHT_MS = 100;

/** A run over windows of a minute, up to `windowsAtOnce` at once, from 14:00 on; the test answers each of them. */
export async function startRun(
  windowsAtOnce = 5,
  options: MemoryOptions = {},
  hasRoom?: () => boolean,
  reserve: () => (() => void) | undefined = () => () => undefined,
): Promise<AheadScene> {
  const store = createMemoryStore(options);
  await putWatermark(store);
  const asked: Held[] = [];
  const open = new Set<Held>();
  let elapsedMs = 0;
  const logs: Logs = {
    query<T>(query: Query, receive: (rows: Rows) => Promise<T>): Promise<Answer<T>> {
      const { promise, resolve, reject } = Promise.withResolvers<Answer<T>>();
      const end = async (settle: () => unknown) => {
        open.delete(held);
        await settle();
        await idle();
      };
      const held: Held = {
        minute: (Date.parse(WINDOW.exec(query.kql)?.[1] ?? '') - START_MS) / MINUTE_MS,
        isAhead: query.isAhead ?? false,
        signal: query.signal,
        onRetry: () => query.onRetry?.(0),
        answer: (id, asOfMs = NOW_MS) =>
          end(async () => {
            elapsedMs += THOUGHT_MS;
            const rows = rowsOf(['id', 'ItemId'], [{ id, ItemId: `${id}` }]);
            const value = await receive(rows);
            resolve({ value, columns: rows.columns, rows: 1, bytes: 10, asOfMs });
          }),
        fail: (error) => end(() => reject(error)),
      };
      query.signal.addEventListener('abort', () => {
        open.delete(held);
        reject(query.signal.reason);
      });
      asked.push(held);
      open.add(held);
      return promise;
    },
  };
  const { ports, messages } = createPorts(store, logs);
  const stop = new AbortController();
  const clock = { now: () => NOW_MS, elapsed: () => elapsedMs };
  const sink = { ...ports.sink, reserve };
  const runPorts = { ...ports, sink, clock, hasRoom };
  const run = runExport({ ...OPTIONS, windowMs: MINUTE_MS, windowsAtOnce }, runPorts, stop.signal);
  // Whoever awaits it later gets the error all the same.
  run.catch(() => undefined);
  await idle();
  return {
    store,
    asked,
    of: (minute) => asked.filter((each) => each.minute === minute),
    underWay: () => [...open].map(({ minute }) => minute).sort((a, b) => a - b),
    messages,
    run,
    stop,
    setElapsed(ms) {
      elapsedMs = ms;
    },
  };
}

/** Everything is in memory: whatever can go on without an answer has done so. */
export async function idle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Answers each window with its minute as id, until the run has ended. */
export async function answerAll(scene: AheadScene): Promise<void> {
  let answered = 0;
  for (let round = 0; round < 100; round += 1) {
    const open = scene.underWay();
    if (open.length === 0) break;
    for (const minute of open) {
      answered += 1;
      await scene.of(minute).at(-1)?.answer(minute);
    }
  }
  assert.ok(answered > 0, 'something was asked');
}

/** The ids of all rows that readers can see, in order. */
export function visibleIds({ store }: AheadScene): number[] {
  return [...store.files]
    .filter(([path]) => !path.includes('/_'))
    .flatMap(([, { content }]) => Buffer.from(content).toString().trim().split('\n'))
    .map((line) => Number(JSON.parse(line).id))
    .sort((a, b) => a - b);
}

/** Of all windows until the horizon. */
export const ALL = Array.from({ length: 15 }, (_, minute) => minute);
