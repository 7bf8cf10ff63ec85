import { HOUR_MS } from '../../src/core/window.ts';
import type { LogsEmulator } from '../../src/local/logs/emulator.ts';
import type { Past } from './kill-past.ts';
import type { EndedRun, Runs } from './kill-runs.ts';
import type { Sink } from './kill-sink.ts';
import { readWatermark } from './kill-watermark.ts';

/** As `EXPORT_AUDIT_HOURS`: whatever has been exported is recounted. */
export const AT_ONCE = '0.0001';
const LAST_RUNS_LIMIT = 100;

/** What is left of a trial when nobody kills any more. */
interface Ending {
  readonly logs: LogsEmulator;
  readonly sink: Sink;
  readonly runs: Runs;
  readonly failed: AbortController;
}

export const backfillOf = ({ fromMs }: Past) => ['backfill', '--from', new Date(fromMs).toISOString()];

/**
 * With nothing in its way any more, the export passes the last row, everything before the trial is recounted, and the
 * command that compares Logs and the sink finds nothing wrong.
 */
export async function finish(
  { logs, sink, runs, failed }: Ending,
  exportName: string,
  past: Past,
  count: (name: string, run: EndedRun) => void,
): Promise<void> {
  const env = { EXPORT_AUDIT_HOURS: AT_ONCE };
  const [newest] = await logs.query('AppRequests | summarize Last = max(ingestion_time())');
  const lastMs = Date.parse(String(newest?.Last));
  count('last backfill', await runs.start(env, backfillOf(past)).ended);
  for (let runsLeft = LAST_RUNS_LIMIT; runsLeft > 0 && !failed.signal.aborted; runsLeft--) {
    count('last', await runs.start(env).ended);
    const watermark = await readWatermark(sink, exportName);
    const { exportedUntil = '', claims = [], backfills = [] } = watermark ?? {};
    const isRecounted = backfills.length === 0 && claims.every(({ from }) => Date.parse(from) >= past.untilMs);
    if (Date.parse(exportedUntil) > lastMs && isRecounted) return await agree(runs, past);
  }
  throw new Error(
    `the watermark has not passed the last row, ingested at ${newest?.Last}, with nothing left to recount`,
  );
}

async function agree(runs: Runs, { fromMs, untilMs }: Past): Promise<void> {
  const [from = '', to = ''] = [fromMs, untilMs + HOUR_MS].map((ms) => new Date(ms).toISOString());
  const { code, said, printed } = await runs.start({}, ['verify', '--read', '--from', from, '--to', to]).ended;
  const wrong = printed.split('\n').filter((line) => /"state":"(?!complete)/.test(line));
  if (code !== 0 || wrong.length > 0) throw new Error(`verify ended with ${code}: ${wrong.join('\n')}\n${said}`);
}
