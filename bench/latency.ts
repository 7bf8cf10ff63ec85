import { rm } from 'node:fs/promises';
import { TABLES } from '../src/core/kql/tables.ts';
import { HOUR_MS } from '../src/core/window.ts';
import type { Served } from './answer-server.ts';
import { runContender, spreadOf, withAnswers } from './measure.ts';
import { createPool } from './rows.ts';
import { newSink, type Row, type Scene, type Table } from './scene.ts';
import type { Taken, Task } from './task.ts';
import { round } from './throughput.ts';

/** As the service has it: it thinks, and an answer comes at some speed. */
const THOUGHT_MS = 4000;
const BYTES_PER_SECOND = 15_000_000;
/** Of function time, what an instance is charged for. */
const INSTANCE_GB = 0.5;
const AT_ONCE = 5;
/** 60 windows of 7 MB, if each is as long as a run may take. */
const ROWS = 1_800_000;
const WINDOWS = 60;
/** One after the other takes a quarter of them: its pace does not change. */
const SHARE = 4;

interface Case {
  readonly what: string;
  readonly contender: Task['contender'];
  readonly thoughtMs: number;
  readonly share: number;
  readonly env?: Readonly<Record<string, string>>;
}

const ALONE = { EXPORT_QUERIES: '1' };
const CASES: readonly Case[] = [
  { what: 'one after the other', contender: 'ours', thoughtMs: THOUGHT_MS, share: SHARE, env: ALONE },
  { what: 'ours', contender: 'ours', thoughtMs: THOUGHT_MS, share: 1 },
  { what: 'five at once, nothing behind', contender: 'five at once', thoughtMs: THOUGHT_MS, share: 1 },
];
const PROMPT = {
  ours: { what: 'ours', contender: 'ours', thoughtMs: 0, share: SHARE },
  alone: { what: 'one after the other', contender: 'ours', thoughtMs: 0, share: SHARE, env: ALONE },
} as const satisfies Record<string, Case>;

/** What five answers take that come at once, each as large as one can be. */
export async function measureFive(scene: Scene): Promise<Table> {
  const { rowBytes } = createPool('narrow');
  const perExport = Math.round(1e8 / rowBytes);
  const rows: Row[] = [];
  for (const kind of ['directory', 'lake'] as const) {
    const startMs = Date.now() - 60_000;
    const load = { shape: 'narrow', rows: perExport, originMs: startMs, rowsPerSecond: 1e12, unevenness: 0 } as const;
    const speed = { thoughtMs: THOUGHT_MS, bytesPerSecond: BYTES_PER_SECOND, isLimited: false };
    await withAnswers({ ...load, ...speed }, async (env, served) => {
      const EXPORTS = Object.keys(TABLES).slice(0, AT_ONCE).join(',');
      const SINK_URL = await newSink(scene, kind);
      const settings = { ...env, EXPORTS, SINK_URL };
      const task = { shape: load.shape, rows: AT_ONCE * perExport, startMs, windowMs: HOUR_MS };
      const taken = await runContender(scene, { ...task, contender: 'ours', env: settings });
      const { most } = await served();
      rows.push({ sink: kind, most, ms: Math.round(taken.ms), 'peak MB': Math.round(taken.peakBytes / 1e6) });
    });
  }
  return { title: 'Five answers of 100 MB at once', rows };
}

/** A backlog behind a service that thinks before it answers. */
export async function measureLatency(scene: Scene): Promise<Table> {
  const rows: Row[] = [];
  for (const each of CASES) {
    const { taken, served, megabytes } = await catchUp(scene, each);
    rows.push({
      thought: `${each.thoughtMs / 1000} s`,
      what: each.what,
      queries: served.queries,
      'under way': round(served.mean),
      most: served.most,
      ms: Math.round(taken.ms),
      'rows/s': Math.round((1000 * taken.rows) / taken.ms),
      'MB/s': round((1000 * megabytes) / taken.ms),
      'CPU s/GB': round(taken.cpuMs / megabytes),
      'GB-s/GB': round((INSTANCE_GB * taken.ms) / megabytes),
      'peak MB': Math.round(taken.peakBytes / 1e6),
    });
  }
  const title = `${ROWS} narrow rows in windows of 7 MB, answers at ${BYTES_PER_SECOND / 1e6} MB/s, into a directory`;
  return { title, rows };
}

/** A backlog behind a service that does not think: what asking ahead costs where it brings nothing. Measured in turns. */
export async function measurePrompt(scene: Scene): Promise<Table> {
  const pairs: Record<keyof typeof PROMPT, CaughtUp>[] = [];
  for (let repeat = 0; repeat < scene.repeats; repeat++) {
    // Whoever comes second may find the machine in another state.
    const early = repeat % 2 === 0 ? await catchUp(scene, PROMPT.ours) : undefined;
    const alone = await catchUp(scene, PROMPT.alone);
    pairs.push({ ours: early ?? (await catchUp(scene, PROMPT.ours)), alone });
  }
  const rows = (['ours', 'alone'] as const).map((which): Row => {
    const spread = (of: (found: CaughtUp, alone: CaughtUp) => number) =>
      spreadOf(pairs.map((pair) => of(pair[which], pair.alone)));
    const ms = spread(({ taken }) => taken.ms);
    return {
      what: PROMPT[which].what,
      'under way': round(spread(({ served }) => served.mean).median),
      most: spread(({ served }) => served.most).max,
      ms: Math.round(ms.median),
      'min..max ms': `${Math.round(ms.min)}..${Math.round(ms.max)}`,
      'x alone': round(spread(({ taken }, alone) => taken.ms / alone.taken.ms).median),
      'x alone, CPU': round(spread(({ taken }, alone) => taken.cpuMs / alone.taken.cpuMs).median),
      'peak MB': Math.round(spread(({ taken }) => taken.peakBytes).median / 1e6),
    };
  });
  return { title: `${ROWS / SHARE} narrow rows in windows of 7 MB, answers at once, into a directory`, rows };
}

interface CaughtUp {
  readonly taken: Taken;
  readonly served: Served;
  readonly megabytes: number;
}

async function catchUp(scene: Scene, { contender, thoughtMs, share, env: given }: Case): Promise<CaughtUp> {
  const rows = ROWS / share;
  const windowMs = 60_000;
  const rowsPerSecond = (1000 * ROWS) / WINDOWS / windowMs;
  // The horizon lies behind the last row.
  const startMs = Math.floor(Date.now() - (1000 * rows) / rowsPerSecond - windowMs);
  const load = { shape: 'narrow', rows, originMs: startMs, rowsPerSecond, unevenness: 0, isLimited: false } as const;
  const speed = thoughtMs === 0 ? {} : { thoughtMs, bytesPerSecond: BYTES_PER_SECOND };
  return await withAnswers({ ...load, ...speed }, async (env, served) => {
    const SINK_URL = await newSink(scene, 'directory');
    const settings = { ...env, EXPORT_WINDOW_MINUTES: '1', ...given, SINK_URL };
    const task = { contender, env: settings, shape: load.shape, rows, startMs, windowMs };
    const taken = await runContender(scene, task);
    await rm(new URL(SINK_URL), { recursive: true, force: true });
    return { taken, served: await served(), megabytes: (rows * createPool('narrow').rowBytes) / 1e6 };
  });
}
