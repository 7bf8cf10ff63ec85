import { TABLES } from '../core/kql/tables.ts';
import type { LogsEmulator } from './logs/emulator.ts';

/** Rows of each table, spread over the hours before they are made: within the lookback of a first run. */
export const SAMPLE_ROWS = 500;
export const SAMPLE_HOURS = 2;

/** Puts something to export into each of the ten tables. */
export async function addSampleRows(logs: LogsEmulator): Promise<void> {
  const toMs = Date.now();
  for (const table of Object.values(TABLES)) {
    await logs.generate(table, SAMPLE_ROWS, { seed: 1, fromMs: toMs - SAMPLE_HOURS * 3_600_000, toMs });
  }
}
