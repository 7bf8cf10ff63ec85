import { rm } from 'node:fs/promises';
import { runContender, spreadOf, withAnswers } from './measure.ts';
import { createPool, type Shape } from './rows.ts';
import { newSink, type Row, type Scene, type Table } from './scene.ts';
import type { Taken } from './task.ts';

const CONTENDERS = ['ours', 'limit', 'sdk', 'sdk, level 1'] as const;
const SPAN_MS = 30_000;

/** One answer, from the request to the finished part, against the limit of the machine and the SDK's rows. */
export async function* measureThroughput(scene: Scene, sizesMb: readonly number[]): AsyncGenerator<Table> {
  for (const kind of ['directory', 'lake'] as const) {
    for (const shape of ['narrow', 'wide'] as const) {
      for (const sizeMb of sizesMb) yield await measureOne(scene, kind, shape, sizeMb);
    }
  }
}

async function measureOne(scene: Scene, kind: 'directory' | 'lake', shape: Shape, sizeMb: number): Promise<Table> {
  const { rowBytes } = createPool(shape);
  const rows = Math.round((sizeMb * 1e6) / rowBytes);
  // The SDK's path is measured once per answer, into a file: the lake would only add to it.
  const contenders = CONTENDERS.filter((each) => kind === 'directory' || !each.startsWith('sdk'));
  const taken = new Map(contenders.map((each) => [each, [] as Taken[]]));
  for (let turn = 0; turn < scene.repeats; turn++) {
    // All rows came in one millisecond, long enough ago to be read and late enough for one window.
    const startMs = Date.now() - SPAN_MS;
    const load = { shape, rows, originMs: startMs, rowsPerSecond: 1e12, unevenness: 0, isLimited: false };
    await withAnswers(load, async (env) => {
      for (const contender of contenders) {
        const SINK_URL = await newSink(scene, kind);
        const task = { contender, env: { ...env, SINK_URL }, shape, rows, startMs, windowMs: 60_000 };
        taken.get(contender)?.push(await runContender(scene, task));
        if (kind === 'directory') await rm(new URL(SINK_URL), { recursive: true, force: true });
      }
    });
  }
  const limits = taken.get('limit') ?? [];
  const found = [...taken].map(([contender, all]) => rowOf(contender, all, limits, rows, rows * rowBytes));
  return { title: `${sizeMb} MB, ${shape} rows of ${Math.round(rowBytes)} bytes, into a ${kind}`, rows: found };
}

function rowOf(contender: string, all: readonly Taken[], limits: readonly Taken[], rows: number, bytes: number): Row {
  const { median: ms, min, max } = spreadOf(all.map((each) => each.ms));
  // Those of one round ran right after one another, in the same noise.
  const ratio = spreadOf(all.map((each, turn) => each.ms / (limits[turn]?.ms ?? Number.NaN)));
  const cpuRatio = spreadOf(all.map((each, turn) => each.cpuMs / (limits[turn]?.cpuMs ?? Number.NaN)));
  return {
    contender,
    ms: Math.round(ms),
    'min..max ms': `${Math.round(min)}..${Math.round(max)}`,
    'x limit': round(ratio.median),
    'x limit, CPU': round(cpuRatio.median),
    'rows/s': Math.round((rows / ms) * 1000),
    'MB/s': round(bytes / ms / 1000),
    'CPU s': round(spreadOf(all.map((each) => each.cpuMs)).median / 1000),
    'peak MB': round(spreadOf(all.map((each) => each.peakBytes)).median / 1e6),
    'highest MB': round(spreadOf(all.map((each) => each.peakBytes)).max / 1e6),
  };
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
