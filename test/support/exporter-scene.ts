import { runExport } from '../../src/core/exporter.ts';
import { createLake } from '../../src/core/lake/lake.ts';
import type { Store } from '../../src/core/lake/store.ts';
import type { Answer, Logs, Query } from '../../src/core/logs.ts';
import type { Rows } from '../../src/core/rows.ts';
import type { ExportOptions, Ports, RunReport } from '../../src/core/run.ts';
import { openTable } from '../../src/core/table.ts';
import { openKeys } from '../../src/core/tally.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';
import { plainLines } from './plain-lines.ts';
import { rowsOf } from './rows.ts';

/** The machine's clock and the service's, which stand still. */
export const NOW_MS = Date.parse('2026-11-22T14:20:00.000Z');
export const MINUTE_MS = 60_000;
export const PATH = 'requests/_watermark.json';

export interface Row {
  readonly id: number;
  readonly at: string;
}

/** What an answer has in place of what the rows would give. */
interface Given {
  readonly names?: readonly string[];
  readonly lines?: readonly object[];
  readonly asOfMs?: number;
}

/** Answers windows from rows, at once; `answer` may put something else in its place. The table has a row for every look. */
export function createLogs(rows: readonly Row[], answer: (kql: string) => Given = () => ({})) {
  const asked: string[] = [];
  const logs: Logs = {
    async query<T>({ kql }: Query, receive: (rows: Rows) => Promise<T>): Promise<Answer<T>> {
      asked.push(kql);
      const [start = '', end = ''] = [...kql.matchAll(/datetime\(([^)]+)\)/g)].map((match) => match[1] ?? '');
      const found = rows.filter(({ at }) => at >= start && at < end);
      const given = answer(kql);
      const usual = kql.includes('ItemId =') ? ['id', 'ItemId'] : ['id'];
      const isLook = kql.endsWith('| take 1');
      const plain = kql.endsWith('| count')
        ? [{ Count: found.length }]
        : found.map(({ id }) => ({ id, ItemId: `${id}` }));
      const lines = given.lines ?? (isLook ? [{ id: 0, MonitorLiftIngestionTime: '2026-11-01T00:00:00Z' }] : plain);
      const names =
        given.names ??
        (isLook || lines !== plain || kql.endsWith('| count') ? Object.keys(lines[0] ?? { id: 0 }) : usual);
      const answered = rowsOf(names, lines);
      const value = await receive(answered);
      const asOfMs = given.asOfMs ?? NOW_MS;
      return { value, columns: answered.columns, rows: lines.length, bytes: 10 * lines.length, asOfMs };
    },
  };
  return { logs, asked };
}

export function createStore(): MemoryStore {
  return createMemoryStore();
}

export const OPTIONS: ExportOptions = {
  name: 'requests',
  lagMs: 5 * MINUTE_MS,
  lookbackMs: 60 * MINUTE_MS,
  windowMs: 60 * MINUTE_MS,
  budgetMs: 240_000,
  auditMs: 0,
  windowsAtOnce: 1,
};

let runs = 0;
const keys = await openKeys();

/** For a run over the store and these Logs, with a list of what it says. */
export function createPorts(store: Store, logs: Logs) {
  const messages: string[] = [];
  const log = (message: string) => messages.push(message);
  const now = () => NOW_MS;
  const ports: Ports = {
    sink: createLake({ store, format: plainLines, now }),
    table: openTable(logs, 'workspace', { table: 'AppRequests', rest: '' }, now),
    log: { debug() {}, info: log, warn: log, error: log },
    keys,
    clock: { now, elapsed: () => 0 },
    newRunId: () => `run${++runs}`,
  };
  return { ports, messages };
}

export async function run(
  store: Store,
  logs: Logs,
  options: Partial<ExportOptions> = {},
  signal = new AbortController().signal,
) {
  const { ports, messages } = createPorts(store, logs);
  const report: RunReport = await runExport({ ...OPTIONS, ...options }, ports, signal);
  return { report, messages };
}

export async function readFile(store: Store) {
  return JSON.parse((await store.read(PATH))?.text ?? 'null');
}

/** Puts a watermark there, as an earlier run or a person has written it. */
export async function putWatermark(store: Store, fields: object = {}, text?: string): Promise<void> {
  const file = {
    version: 2,
    export: 'requests',
    source: 'workspace',
    exportedUntil: '2026-11-22T14:00:00.000Z',
    publishing: [],
    windowMs: 60 * MINUTE_MS,
    look: { itemId: 'ItemId', ingestionTime: 'IngestionTime', proven: true },
    commit: 5,
    runId: 'earlier',
    updatedAt: '2026-11-22T14:10:00.000Z',
  };
  const via = `requests/_staging/put/${++runs}`;
  await store.replace(PATH, text ?? JSON.stringify({ ...file, ...fields }), undefined, via);
  await store.remove('requests/_staging/put');
}

export async function* toLines(rows: readonly object[]): AsyncIterable<Uint8Array> {
  for (const row of rows) yield Buffer.from(`${JSON.stringify(row)}\n`);
}

export const publishedPaths = (store: MemoryStore) =>
  [...store.files.keys()].filter((path) => !path.includes('/_')).sort();
export const stagedPaths = (store: MemoryStore) => [...store.files.keys()].filter((path) => path.includes('_staging'));
