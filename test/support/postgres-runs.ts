import { runExport } from '../../src/core/exporter.ts';
import type { Answer, Logs, Query } from '../../src/core/logs.ts';
import type { Rows } from '../../src/core/rows.ts';
import type { RunReport } from '../../src/core/run.ts';
import type { Sink } from '../../src/core/sink.ts';
import { openTable } from '../../src/core/table.ts';
import { openKeys } from '../../src/core/tally.ts';
import { MINUTE_MS, NOW_MS, OPTIONS } from './exporter-scene.ts';
import { START_MS } from './postgres-scene.ts';

/** The windows of a run: minutes from the position of a scene to the horizon. */
export const WINDOWS = 15;

const WINDOW = /datetime\(([^)]+)\)/;
/** So long each answer makes wait: a run then asks for more windows at once. */
const THOUGHT_MS = 100;

const keys = await openKeys();
let runs = 0;

/**
 * Runs an export with five windows at once.
 * @param answer the rows of the window of a minute, when they are to come; the one row counts.
 * @param answered called when an answer has been staged, or could not be.
 */
export function runOver(
  sink: Sink,
  name: string,
  answer: (minute: number) => Promise<Rows>,
  answered: () => void = () => undefined,
): Promise<RunReport> {
  let elapsedMs = 0;
  const logs: Logs = {
    async query<T>({ kql }: Query, receive: (rows: Rows) => Promise<T>): Promise<Answer<T>> {
      const rows = await answer((Date.parse(WINDOW.exec(kql)?.[1] ?? '') - START_MS) / MINUTE_MS);
      elapsedMs += THOUGHT_MS;
      const value = await receive(rows).finally(answered);
      return { value, columns: rows.columns, rows: 1, bytes: 10, asOfMs: NOW_MS };
    },
  };
  const now = () => NOW_MS;
  const ports = {
    sink,
    table: openTable(logs, 'workspace', { table: 'AppRequests', rest: '' }, now),
    log: { debug() {}, info() {}, warn() {}, error() {} },
    keys,
    clock: { now, elapsed: () => elapsedMs },
    newRunId: () => `over${++runs}`,
  };
  const options = { ...OPTIONS, name, windowMs: MINUTE_MS, windowsAtOnce: 5 };
  return runExport(options, ports, new AbortController().signal);
}
