import { setTimeout as delay } from 'node:timers/promises';
import type { LogsEmulator } from '../../src/local/logs/emulator.ts';
import type { Random } from '../sim/random.ts';

/** Telemetry that keeps arriving at the ingestion endpoint. */
export interface Telemetry {
  /** The `id` of each request that the endpoint has accepted. */
  readonly ids: ReadonlySet<string>;
  /** Resolves when `stop` is aborted; rejects when the endpoint refuses something. */
  readonly ended: Promise<void>;
}

/** Rows of one answer: so few that windows are halved, and changing, as the size of real rows does. */
const LIMITS = { from: 50, to: 100 };
const BATCH_ROWS = 10;
/** On one tick: more than an answer holds, so that a millisecond must be split. */
const BURST_ROWS = { from: 200, to: 400 };
const BURST_CHANCE = 0.03;
const PAUSE_MS = 250;

export function startTelemetry(logs: LogsEmulator, random: Random, stop: AbortSignal): Telemetry {
  const ids = new Set<string>();
  const [, key, origin] = /InstrumentationKey=([^;]+);IngestionEndpoint=(.+)$/.exec(logs.connectionString) ?? [];

  async function send(rows: number): Promise<void> {
    const sent = Array.from({ length: rows }, (_, index) => `r${ids.size + index}`);
    const items = sent.map((id) => ({ time: new Date().toISOString(), iKey: key, data: dataOf(id) }));
    const response = await fetch(`${origin}v2.1/track`, { method: 'POST', body: JSON.stringify(items) });
    const reply = await response.text();
    if (response.status !== 200) throw new Error(`track: found ${response.status}, expected 200: ${reply}`);
    for (const id of sent) ids.add(id);
  }

  async function arrive(): Promise<void> {
    while (!stop.aborted) {
      logs.limits.rows = random.between(LIMITS.from, LIMITS.to);
      const isBurst = random.chance(BURST_CHANCE);
      await send(isBurst ? random.between(BURST_ROWS.from, BURST_ROWS.to) : random.between(1, BATCH_ROWS));
      await delay(random.between(0, PAUSE_MS), undefined, { signal: stop }).catch(() => undefined);
    }
  }

  return { ids, ended: arrive() };
}

function dataOf(id: string): object {
  const baseData = { ver: 2, id, name: 'GET /', duration: '00:00:00.0150000', success: true, responseCode: '200' };
  return { baseType: 'RequestData', baseData };
}
