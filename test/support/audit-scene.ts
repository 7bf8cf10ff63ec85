import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogs } from '../../src/azure/logs/logs.ts';
import { runBackfill, runExport } from '../../src/core/exporter.ts';
import { openFormat } from '../../src/core/formats/formats.ts';
import { parseExportQuery } from '../../src/core/kql/parse.ts';
import { createLake } from '../../src/core/lake/lake.ts';
import type { ExportOptions, Ports, RunReport } from '../../src/core/run.ts';
import type { Part, Position } from '../../src/core/sink.ts';
import { openTable } from '../../src/core/table.ts';
import { openKeys } from '../../src/core/tally.ts';
import { type Proof, verifyExport } from '../../src/core/verify.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/window.ts';
import { createFileStore } from '../../src/file/store.ts';
import { type LogsEmulator, startLogsEmulator } from '../../src/local/logs/emulator.ts';

const NAME = 'requests';

/** An export of `AppRequests` into a directory, on a clock that the test moves. */
export interface AuditScene extends AsyncDisposable {
  readonly logs: LogsEmulator;
  readonly ports: Ports;
  /** A file of the export. */
  path(...names: string[]): string;
  /** Moves the clock: `10:30` of the day, or `+1d 10:30` of the next. */
  at(time: string): void;
  /** Milliseconds since 1970. */
  timeOf(time: string): number;
  /** Rows that were ingested at a time, and are visible from now on. */
  ingest(time: string, ...ids: string[]): Promise<void>;
  run(options?: Partial<ExportOptions>): Promise<RunReport>;
  backfill(from: string, until?: string, options?: Partial<ExportOptions> & { again?: boolean }): Promise<RunReport>;
  verify(from?: string, until?: string, read?: boolean): Promise<Proof>;
  parts(): Promise<Part[]>;
  position(): Promise<Position>;
  /** Exports with another query from now on. */
  ask(query: string): Promise<void>;
}

const DAY = Date.parse('2026-11-22T00:00:00.000Z');
export const AUDIT_OPTIONS: ExportOptions = {
  name: NAME,
  lagMs: 5 * MINUTE_MS,
  lookbackMs: 3 * HOUR_MS,
  windowMs: HOUR_MS,
  budgetMs: 240_000,
  windowsAtOnce: 2,
  auditMs: 6 * HOUR_MS,
};

export async function openAuditScene(): Promise<AuditScene> {
  let nowMs = DAY;
  let runs = 0;
  const now = () => nowMs;
  const folder = await mkdtemp(join(tmpdir(), 'monitorlift-audit-'));
  const emulator = await startLogsEmulator({ now });
  const service = createLogs({ endpoint: new URL(emulator.endpoint), credential: undefined, queriesAtOnce: 5 });
  const sink = createLake({ store: createFileStore(folder), format: await openFormat('jsonl', 'gzip'), now });
  const tableOf = (kql: string) => openTable(service, emulator.workspaceId, parseExportQuery(kql), now);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const clock = { now, elapsed: () => 0 };
  const newRunId = () => `run${++runs}`;
  let ports: Ports = { sink, table: tableOf('AppRequests'), keys: await openKeys(), log, clock, newRunId };
  const { signal } = new AbortController();
  const timeOf = (time: string): number => {
    const [, days = '0', hour = '', minute = ''] = /^(?:\+(\d+)d )?(\d\d):(\d\d)$/.exec(time) ?? [];
    return DAY + Number(days) * DAY_MS + Number(hour) * HOUR_MS + Number(minute) * MINUTE_MS;
  };
  const timeIfAny = (time: string | undefined) => (time === undefined ? undefined : timeOf(time));
  return {
    logs: emulator,
    get ports() {
      return ports;
    },
    path: (...names) => join(folder, NAME, ...names),
    at(time) {
      nowMs = timeOf(time);
    },
    timeOf,
    async ingest(time, ...ids) {
      const rows = ids.map((id) => ({ Id: id, _ItemId: id }));
      await emulator.ingest('AppRequests', rows, { ingestionTicks: new Date(timeOf(time)).toISOString() });
    },
    run: (options) => runExport({ ...AUDIT_OPTIONS, ...options }, ports, signal),
    backfill: (from, until, { again = false, ...options } = {}) =>
      runBackfill(
        { ...AUDIT_OPTIONS, ...options },
        ports,
        { fromMs: timeOf(from), untilMs: timeIfAny(until), again },
        signal,
      ),
    verify: (from, until, read = false) =>
      verifyExport(ports, {
        options: AUDIT_OPTIONS,
        fromMs: timeIfAny(from),
        untilMs: timeIfAny(until),
        read,
        signal,
        onProgress() {},
      }),
    parts: () => Array.fromAsync(sink.parts(NAME, { startMs: DAY - 5 * DAY_MS, endMs: DAY + 5 * DAY_MS })),
    async position() {
      const session = await sink.open(NAME, { runId: newRunId(), log });
      if (session === undefined) throw new Error('nothing has begun');
      return session.position;
    },
    async ask(query) {
      ports = { ...ports, table: tableOf(query) };
    },
    async [Symbol.asyncDispose]() {
      await emulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
