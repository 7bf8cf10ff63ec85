import { rm } from 'node:fs/promises';
import { TABLES } from '../src/core/kql/tables.ts';
import { FIRST_WINDOW_MS, TARGETS } from '../src/core/sizing.ts';
import { HOUR_MS } from '../src/core/window.ts';
import { runContender, spreadOf, withAnswers } from './measure.ts';
import { createPool } from './rows.ts';
import { newSink, type Row, type Scene, type Table } from './scene.ts';
import type { Taken } from './task.ts';
import { round } from './throughput.ts';

/** Gigabytes a day; whether the export is new or has learned its window; how far each minute may be from that rate. */
const CASES = [
  [100, true, 0],
  [1000, true, 0],
  [100, false, 0],
  [100, false, 0.5],
  [100, false, 0.8],
] as const;

/** Whether time grows faster than work, and memory at all: `sizes` times 100 MB that came at 100 MB a minute. */
export async function measureBacklog(scene: Scene, sizes: readonly number[]): Promise<Table> {
  const { rowBytes } = createPool('narrow');
  const perMinute = Math.round(1e8 / rowBytes);
  const taken = new Map<number, Taken[]>(sizes.map((size) => [size, []]));
  for (let turn = 0; turn < scene.repeats; turn++) {
    for (const size of sizes) {
      const plan = { rows: size * perMinute, rowsPerSecond: perMinute / 60, windowMs: 20_000, unevenness: 0 };
      taken.get(size)?.push(await catchUp(scene, plan));
    }
  }
  const first = taken.get(sizes[0] ?? 1) ?? [];
  const rows = [...taken].map(([size, all]): Row => {
    const times = spreadOf(all.map(({ ms }) => ms));
    return {
      backlog: `${size} x 100 MB`,
      windows: all[0]?.report?.windows ?? 0,
      ms: Math.round(times.median),
      'min..max ms': `${Math.round(times.min)}..${Math.round(times.max)}`,
      'us/row': round((times.median * 1000) / (size * perMinute)),
      'x first': round(spreadOf(all.map(({ ms }, turn) => ms / (first[turn]?.ms ?? Number.NaN))).median),
      'peak MB': round(spreadOf(all.map(({ peakBytes }) => peakBytes)).median / 1e6),
      'highest MB': round(spreadOf(all.map(({ peakBytes }) => peakBytes)).max / 1e6),
    };
  });
  return { title: 'Backlog, narrow rows into a directory', rows };
}

/** What is thrown away while catching up under the service's limits. Compressed in the fastest way: only counts matter. */
export async function measureTruncation(scene: Scene, gigabytes: number): Promise<Table> {
  const { rowBytes } = createPool('wide');
  const rows: Row[] = [];
  for (const [perDayGb, isFresh, unevenness] of CASES) {
    const rowsPerSecond = (perDayGb * 1e9) / 86_400 / rowBytes;
    const learnedMs = (1000 * TARGETS.bytes) / rowBytes / rowsPerSecond;
    const plan = {
      rows: Math.round((gigabytes * 1e9) / rowBytes),
      rowsPerSecond,
      windowMs: isFresh ? FIRST_WINDOW_MS : Math.round(Math.min(learnedMs, HOUR_MS)),
      unevenness,
    };
    const { report } = await catchUp(scene, {
      ...plan,
      isLimited: true,
      shape: 'wide',
      env: { EXPORT_COMPRESSION: 'zstd' },
    });
    if (!report) throw new Error('found no report, expected that of the run');
    rows.push({
      rate: `${perDayGb} GB/day${unevenness === 0 ? '' : `, minutes of ${round(1 - unevenness)} to ${1 + unevenness}`}`,
      start: isFresh ? 'new export' : 'learned window',
      windows: report.windows,
      queries: report.queries,
      'thrown away': report.discardedAnswers,
      'thrown away %': round((100 * report.discardedBytes) / (report.discardedBytes + report.answerBytes)),
      'MB/answer': round(report.answerBytes / 1e6 / report.windows),
    });
  }
  return { title: `Catching up on ${gigabytes} GB of wide rows, under the limits of Logs`, rows };
}

/** What several exports in one process take together, each with an answer of 40 MB, as windows aim at. */
export async function measureTogether(scene: Scene, numbers: readonly number[]): Promise<Table> {
  const { rowBytes } = createPool('wide');
  const rows: Row[] = [];
  for (const number of numbers) {
    const EXPORTS = Object.keys(TABLES).slice(0, number).join(',');
    const plan = {
      rows: Math.round(TARGETS.bytes / rowBytes),
      rowsPerSecond: 1e12,
      windowMs: HOUR_MS,
      unevenness: 0,
    };
    const all: Taken[] = [];
    for (let turn = 0; turn < scene.repeats; turn++) {
      all.push(await catchUp(scene, { ...plan, shape: 'wide', env: { EXPORTS } }, number));
    }
    const times = spreadOf(all.map(({ ms }) => ms));
    const peaks = spreadOf(all.map(({ peakBytes }) => peakBytes));
    rows.push({
      exports: number,
      ms: Math.round(times.median),
      'min..max ms': `${Math.round(times.min)}..${Math.round(times.max)}`,
      'peak MB': round(peaks.median / 1e6),
      'highest MB': round(peaks.max / 1e6),
    });
  }
  return { title: 'Exports at once in one process, 40 MB of wide rows each, into a directory', rows };
}

interface Plan {
  readonly rows: number;
  readonly rowsPerSecond: number;
  readonly windowMs: number;
  readonly unevenness: number;
  readonly isLimited?: boolean;
  readonly shape?: 'narrow' | 'wide';
  readonly env?: Readonly<Record<string, string>>;
}

/** One run over all of a backlog that ends now, by `times` exports. */
async function catchUp(scene: Scene, plan: Plan, times = 1): Promise<Taken> {
  const { rows, rowsPerSecond, shape = 'narrow', isLimited = false, unevenness, windowMs } = plan;
  // An uneven rate may be below its mean for a while.
  const startMs = Math.floor(Date.now() - (rows / rowsPerSecond) * 1000 * (unevenness === 0 ? 1 : 1.1) - 60_000);
  const load = { shape, rows, originMs: startMs, rowsPerSecond, unevenness, isLimited };
  return await withAnswers(load, async (env) => {
    const SINK_URL = await newSink(scene, 'directory');
    const task = {
      contender: 'ours' as const,
      env: { ...env, ...plan.env, SINK_URL },
      shape,
      rows: times * rows,
      startMs,
      windowMs,
    };
    const taken = await runContender(scene, task);
    await rm(new URL(SINK_URL), { recursive: true, force: true });
    return taken;
  });
}
