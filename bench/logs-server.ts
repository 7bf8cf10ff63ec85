// The Logs emulator in a process of its own, with a day of rows. Forked with the day as JSON; sends its port. For each number
// that it is sent it makes so many rows more, spread over the day, and sends the number back.
import { startLogsEmulator } from '../src/local/logs/emulator.ts';

/** Rows of `AppRequests`, spread evenly. */
export interface Day {
  readonly workspaceId: string;
  readonly rows: number;
  readonly fromMs: number;
  readonly toMs: number;
}

const { workspaceId, rows, fromMs, toMs } = JSON.parse(process.argv[2] ?? '') as Day;
const logs = await startLogsEmulator({ workspaceId });
await logs.generate('AppRequests', rows, { seed: 1, fromMs, toMs });
process.on('message', async (late: number) => {
  await logs.generate('AppRequests', late, { seed: 2, fromMs, toMs });
  process.send?.(late);
});
process.once('disconnect', () => process.exit());
process.send?.(Number(new URL(logs.endpoint).port));
