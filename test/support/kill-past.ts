import { setTimeout as delay } from 'node:timers/promises';
import { HOUR_MS } from '../../src/core/window.ts';
import type { LogsEmulator } from '../../src/local/logs/emulator.ts';
import type { Random } from '../sim/random.ts';

/** Telemetry of the hours before a trial: what a backfill is to find, and rows that become visible late. */
export interface Past {
  /** Of the oldest rows, at the earliest. */
  readonly fromMs: number;
  /** The full hour before which all of them were ingested. */
  readonly untilMs: number;
  /** Of the rows that are there or under way. */
  readonly ids: ReadonlySet<string>;
  /** How many of them were late. */
  readonly late: () => number;
  /** Resolves when `stop` is aborted; all rows are visible then. */
  readonly ended: Promise<void>;
}

const HOURS = 4;
const ROWS = 400;
const LATE_ROWS = 3;
const PAUSE_MS = 800;

/** Puts rows into the hours before now, and more of them until `stop` is aborted. */
export async function startPast(logs: LogsEmulator, random: Random, stop: AbortSignal): Promise<Past> {
  const untilMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const fromMs = untilMs - HOURS * HOUR_MS;
  const ids = new Set<string>();
  let late = 0;

  async function ingest(name: string): Promise<void> {
    const id = `${name}${ids.size}`;
    ids.add(id);
    const ingestionTicks = new Date(random.between(fromMs, untilMs - 1)).toISOString();
    await logs.ingest('AppRequests', [{ Id: id, Name: 'GET /' }], { ingestionTicks });
  }

  async function arrive(): Promise<void> {
    while (!stop.aborted) {
      await delay(random.between(0, PAUSE_MS), undefined, { signal: stop }).catch(() => undefined);
      const rows = stop.aborted ? 0 : random.between(1, LATE_ROWS);
      for (let row = 0; row < rows; row++) await ingest('late');
      late += rows;
    }
  }

  for (let row = 0; row < ROWS; row++) await ingest('past');
  return { fromMs, untilMs, ids, late: () => late, ended: arrive() };
}
