import { setTimeout as sleep } from 'node:timers/promises';
import { countRequests } from '../test/support/lake-counter.ts';
import { runContender, withAnswers } from './measure.ts';
import { prepareOurs } from './ours.ts';
import { createPool } from './rows.ts';
import { newSink, type Row, type Scene, type Table } from './scene.ts';

const SIZES_MB = [0, 1, 40];
const MINUTE_MS = 60_000;
const SLACK_MS = 5_000;
/** New rows come meanwhile. */
const BETWEEN_MS = 3_000;

/** Requests to the lake per run: an idle run, windows with and without rows. */
export async function measureRequests(scene: Scene): Promise<Table> {
  const { rowBytes } = createPool('narrow');
  const rows: Row[] = [];
  const count = async (what: string, windows: number, megabytes: number, spanMs: number) => {
    const perWindow = Math.round((megabytes * 1e6) / rowBytes);
    // The last window ends at the horizon, a second before the run starts, and is a little shorter.
    const startMs = Date.now() - spanMs + SLACK_MS;
    const rowsPerSecond = (1000 * perWindow * windows) / (spanMs - 2 * SLACK_MS);
    const load = {
      shape: 'narrow',
      rows: perWindow * windows,
      originMs: startMs,
      rowsPerSecond,
      unevenness: 0,
    } as const;
    await withAnswers({ ...load, isLimited: false }, async (env) => {
      const counter = await countRequests(await newSink(scene, 'lake'));
      try {
        const settings = { ...env, SINK_URL: counter.url.href, EXPORT_WINDOW_MINUTES: '1' };
        const task = { contender: 'ours', env: settings, shape: 'narrow', rows: load.rows, startMs } as const;
        const { report } = await runContender(scene, { ...task, windowMs: MINUTE_MS });
        const requests = counter.take().slice(PREPARED);
        rows.push({ what, windows: report?.windows ?? 0, requests: requests.length, which: tally(requests) });
      } finally {
        counter.close();
      }
    });
  };
  await count('idle run', 0, 0, -MINUTE_MS);
  for (const megabytes of SIZES_MB) {
    await count(`1 window of ${megabytes} MB`, 1, megabytes, MINUTE_MS);
    await count(`5 windows of ${megabytes} MB`, 5, megabytes, 5 * MINUTE_MS);
  }
  rows.push(await countSteady(scene));
  return { title: 'Requests to the lake, all of a run', rows };
}

/** The second run of a process: a small window with a part, in the hour of the first one. */
async function countSteady(scene: Scene): Promise<Row> {
  const originMs = Date.now() - MINUTE_MS;
  const load = { shape: 'narrow', rows: 1e6, originMs, rowsPerSecond: 100, unevenness: 0, isLimited: false } as const;
  return await withAnswers(load, async (env) => {
    const counter = await countRequests(await newSink(scene, 'lake'));
    try {
      const settings = { ...env, SINK_URL: counter.url.href };
      const task = { contender: 'ours', env: settings, shape: 'narrow', rows: 0, startMs: originMs } as const;
      const { run } = await prepareOurs({ ...task, windowMs: MINUTE_MS });
      await run();
      await sleep(BETWEEN_MS);
      counter.take();
      const [report] = await run();
      const requests = counter.take();
      return {
        what: 'steady: 1 small window, warm',
        windows: report?.windows ?? 0,
        requests: requests.length,
        which: requests.join(', '),
      };
    } finally {
      counter.close();
    }
  });
}

/** What it takes to put the watermark there before the run: ask for the kind of account, create, append, rename, delete. */
const PREPARED = 5;

function tally(requests: readonly string[]): string {
  const counts = Map.groupBy(requests, (each) => each);
  return [...counts].map(([name, all]) => `${all.length} ${name}`).join(', ');
}
