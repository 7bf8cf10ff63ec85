import { rm } from 'node:fs/promises';
import { runContender, spreadOf, withAnswers } from './measure.ts';
import { createPool, type Shape } from './rows.ts';
import { newSink, type Row, type Scene, SINK_KINDS, type SinkKind, type Table } from './scene.ts';
import type { Taken } from './task.ts';
import { round } from './throughput.ts';

const SIZE_MB = 100;
const SPAN_MS = 30_000;
const SHAPES = ['narrow', 'wide'] as const;

/** By the name of the table; the first one is what the others are compared with. */
const FORMATS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'jsonl.gz': {},
  'jsonl.zst': { EXPORT_COMPRESSION: 'zstd' },
  'parquet, zstd': { EXPORT_FORMAT: 'parquet', EXPORT_COMPRESSION: 'zstd' },
  'parquet, gzip': { EXPORT_FORMAT: 'parquet', EXPORT_COMPRESSION: 'gzip' },
  'columns-rows, gzip': { EXPORT_FORMAT: 'columns-rows' },
};

interface Case {
  readonly name: string;
  readonly sink: SinkKind;
  readonly env: Readonly<Record<string, string>>;
}

/** One answer in each format, into a directory. */
export async function* measureFormats(scene: Scene): AsyncGenerator<Table> {
  const cases = Object.entries(FORMATS).map(([name, env]): Case => ({ name, env, sink: 'directory' }));
  for (const shape of SHAPES) yield await measure(scene, shape, cases, `${SIZE_MB} MB of ${shape} rows, by format`);
}

/** One answer into each sink, in its usual format. */
export async function* measureSinks(scene: Scene): AsyncGenerator<Table> {
  const rest: Case = { name: 'rest', env: { REST_URL: await scene.openReceiver() }, sink: 'directory' };
  const cases = [...SINK_KINDS.map((sink): Case => ({ name: sink, env: {}, sink })), rest];
  for (const shape of SHAPES) yield await measure(scene, shape, cases, `${SIZE_MB} MB of ${shape} rows, by sink`);
}

async function measure(scene: Scene, shape: Shape, cases: readonly Case[], title: string): Promise<Table> {
  const { rowBytes } = createPool(shape);
  const rows = Math.round((SIZE_MB * 1e6) / rowBytes);
  const taken = new Map(cases.map((each) => [each, [] as Taken[]]));
  for (let turn = 0; turn < scene.repeats; turn++) {
    const startMs = Date.now() - SPAN_MS;
    const load = { shape, rows, originMs: startMs, rowsPerSecond: 1e12, unevenness: 0, isLimited: false };
    await withAnswers(load, async (env) => {
      for (const each of cases) {
        const SINK_URL = await newSink(scene, each.sink);
        const settings = { ...env, ...each.env, SINK_URL };
        const task = { contender: 'ours', env: settings, shape, rows, startMs, windowMs: 60_000 } as const;
        taken.get(each)?.push(await runContender(scene, task));
        if (each.sink === 'directory') await rm(new URL(SINK_URL), { recursive: true, force: true });
      }
    });
  }
  const [first = []] = taken.values();
  return { title, rows: [...taken].map(([{ name }, all]) => rowOf(name, all, first)) };
}

function rowOf(name: string, all: readonly Taken[], first: readonly Taken[]): Row {
  const median = (of: (taken: Taken, turn: number) => number) => spreadOf(all.map(of)).median;
  const rows = all[0]?.rows ?? 0;
  return {
    '': name,
    ms: Math.round(median(({ ms }) => ms)),
    'rows/s': Math.round(median(({ ms }) => (1000 * rows) / ms)),
    'CPU s': round(median(({ cpuMs }) => cpuMs) / 1000),
    'x first, CPU': round(median(({ cpuMs }, turn) => cpuMs / (first[turn]?.cpuMs ?? Number.NaN))),
    'peak MB': Math.round(median(({ peakBytes }) => peakBytes) / 1e6),
    'bytes/row': round(median(({ report }) => (report?.bytes ?? 0) / rows)),
  };
}
