import { HOUR_MS } from '../src/core/window.ts';
import { runContender, spreadOf, withAnswers } from './measure.ts';
import { createPool } from './rows.ts';
import { newSink, type Row, type Scene, type Table } from './scene.ts';
import type { Task, Time } from './task.ts';
import { round } from './throughput.ts';

const CONTENDERS = ['ours', 'limit'] as const;
/** Until then V8 compiles. */
const COLD_TURNS = 5;
const WARM_TURNS = 7;
const SPAN_MS = 30_000;

/** Small answers, run by run, in processes that have had some before: what a timer of every few minutes finds. */
export async function measureSmall(scene: Scene, sizeMb: number): Promise<Table> {
  const rows: Row[] = [];
  for (const kind of ['directory', 'lake'] as const) {
    for (const shape of ['narrow', 'wide'] as const) {
      const pairs: Record<(typeof CONTENDERS)[number], Time>[] = [];
      for (let repeat = 0; repeat < scene.repeats; repeat++) pairs.push(await measurePair(scene, kind, shape, sizeMb));
      const median = (of: (pair: (typeof pairs)[number]) => number) => spreadOf(pairs.map(of)).median;
      rows.push({
        sink: kind,
        rows: shape,
        ms: Math.round(median(({ ours }) => ours.ms)),
        'limit ms': Math.round(median(({ limit }) => limit.ms)),
        'x limit': round(median(({ ours, limit }) => ours.ms / limit.ms)),
        'CPU ms': Math.round(median(({ ours }) => ours.cpuMs)),
        'x limit, CPU': round(median(({ ours, limit }) => ours.cpuMs / limit.cpuMs)),
      });
    }
  }
  return { title: `${sizeMb} MB, warm: a run after ${COLD_TURNS} others, median of ${WARM_TURNS}`, rows };
}

/** The two side by side in time, each the median of its warm turns. */
async function measurePair(scene: Scene, kind: 'directory' | 'lake', shape: Task['shape'], sizeMb: number) {
  const rows = Math.round((sizeMb * 1e6) / createPool(shape).rowBytes);
  const startMs = Date.now() - SPAN_MS;
  const load = { shape, rows, originMs: startMs, rowsPerSecond: 1e12, unevenness: 0, isLimited: false };
  return await withAnswers(load, async (env) => {
    const take = async (contender: (typeof CONTENDERS)[number]): Promise<Time> => {
      const task = { contender, env: { ...env, SINK_URL: await newSink(scene, kind) }, shape, rows, startMs };
      const { turns } = await runContender(scene, { ...task, windowMs: HOUR_MS, turns: COLD_TURNS + WARM_TURNS });
      const warm = turns.slice(COLD_TURNS);
      return { ms: spreadOf(warm.map(({ ms }) => ms)).median, cpuMs: spreadOf(warm.map(({ cpuMs }) => cpuMs)).median };
    };
    return { ours: await take('ours'), limit: await take('limit') };
  });
}
