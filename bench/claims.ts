import { rm } from 'node:fs/promises';
import type { Batch } from '../src/core/rows.ts';
import { openKeys, tapRows } from '../src/core/tally.ts';
import { runContender, spreadOf, withAnswers } from './measure.ts';
import { type Block, createPool, type Shape, takeRows } from './rows.ts';
import { newSink, type Row, type Scene, type Table } from './scene.ts';
import type { Taken } from './task.ts';
import { round } from './throughput.ts';

const SIZE_MB = 100;
const SPAN_MS = 30_000;
/** What is looked for is smaller than the noise of one run. */
const PAIRS = 3;
/** Many, so that they are not the first ones. */
const KEYS = 2_000_000;

/** What claims add to an export: pairs of runs over the same answer, with them and without. */
export async function measureClaims(scene: Scene): Promise<Table> {
  const rows: Row[] = [];
  for (const shape of ['narrow', 'wide'] as const) {
    const count = Math.round((SIZE_MB * 1e6) / createPool(shape).rowBytes);
    const startMs = Date.now() - SPAN_MS;
    const load = { shape, rows: count, originMs: startMs, rowsPerSecond: 1e12, unevenness: 0, isLimited: false };
    const taken = { with: [] as Taken[], without: [] as Taken[] };
    await withAnswers(load, async (env) => {
      const run = async (EXPORT_AUDIT_HOURS: string) => {
        const SINK_URL = await newSink(scene, 'directory');
        const settings = { ...env, EXPORT_AUDIT_HOURS, SINK_URL };
        const task = { contender: 'ours', env: settings, shape, rows: count, startMs, windowMs: 60_000 } as const;
        const found = await runContender(scene, task);
        await rm(new URL(SINK_URL), { recursive: true });
        return found;
      };
      await run('6'); // the server has compressed its rows by then
      for (let pair = 0; pair < PAIRS * scene.repeats; pair++) {
        // Neither always comes first.
        for (const claims of pair % 2 === 0 ? [true, false] : [false, true]) {
          taken[claims ? 'with' : 'without'].push(await run(claims ? '6' : '0'));
        }
      }
    });
    rows.push({
      ...ratioOf(shape, taken.with, taken.without),
      'keys alone, us/row': round(await timeKeys(shape)),
    });
  }
  return { title: `Exports of ${SIZE_MB} MB with claims and without, ${PAIRS * scene.repeats} pairs`, rows };
}

/**
 * What the keys of an export take by themselves, in microseconds of CPU time per row. Pairs do not show it: what keys leave to
 * the collector makes it look sooner at the buffers that have passed through, and that saves more.
 */
async function timeKeys(shape: Shape): Promise<number> {
  const pool = createPool(shape);
  const keys = await openKeys();
  const cells = new Map(pool.blocks.map((block) => [block, itemIdsOf(block, pool.columns.length)]));
  async function* batches(): AsyncGenerator<Batch> {
    for (const { block, rows } of takeRows(pool, KEYS)) {
      yield { bytes: block.cells, cells: cells.get(block) ?? new Int32Array(), rows };
    }
  }
  const { rows } = tapRows({ columns: pool.columns, batches: batches() }, 'ItemId', keys);
  const before = process.cpuUsage();
  for await (const _ of rows.batches);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / KEYS;
}

/** Where the cells of the last column lie, those of 32 hexadecimal digits. */
function itemIdsOf({ rows, cellEnds }: Block, columns: number): Int32Array {
  const cells = new Int32Array(2 * columns * rows);
  for (const [row, end] of cellEnds.entries()) {
    const last = 2 * columns * (row + 1) - 2;
    // The row ends with its bracket.
    cells.set([end - 1 - 34, end - 1], last);
  }
  return cells;
}

function ratioOf(shape: string, claimed: readonly Taken[], plain: readonly Taken[]): Row {
  const others = plain.map(({ cpuMs }) => cpuMs);
  const pairs = claimed.map(({ cpuMs }, pair) => [cpuMs, others[pair] ?? Number.NaN] as const);
  const ratio = spreadOf(pairs.map(([ours, other]) => ours / other));
  const median = (all: readonly Taken[]) => spreadOf(all.map(({ cpuMs }) => cpuMs)).median;
  return {
    rows: shape,
    'CPU s, with': round(median(claimed) / 1000),
    'CPU s, without': round(median(plain) / 1000),
    ratio: ratio.median.toFixed(3),
    'half of the pairs': quartersOf(pairs.map(([ours, other]) => ours / other)),
    'min..max': `${ratio.min.toFixed(3)}..${ratio.max.toFixed(3)}`,
    'peak MB, with': Math.round(spreadOf(claimed.map(({ peakBytes }) => peakBytes)).median / 1e6),
    'peak MB, without': Math.round(spreadOf(plain.map(({ peakBytes }) => peakBytes)).median / 1e6),
  };
}

/** Where the middle half of some values lies. */
function quartersOf(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN).toFixed(3);
  return `${at(0.25)}..${at(0.75)}`;
}
