import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startHost } from '../test/support/functions-host.ts';
import { bundle } from './bundle.ts';
import { spreadOf, withAnswers } from './measure.ts';
import { newSink, type Scene, type Table } from './scene.ts';
import { round } from './throughput.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** From the start of the process to registered functions, against an app with one empty timer; and the first runs. */
export async function measureStartup(scene: Scene): Promise<Table> {
  const ours = await buildOurs(scene);
  const empty = await buildEmpty(scene);
  const times = { ours: [] as number[], empty: [] as number[], first: [] as number[], second: [] as number[] };
  const load = { shape: 'narrow', rows: 0, originMs: 0, rowsPerSecond: 1, unevenness: 0, isLimited: true } as const;
  await withAnswers(load, async (env) => {
    for (let turn = 0; turn < 3 * scene.repeats; turn++) {
      const SINK_URL = await newSink(scene, 'lake');
      const started = performance.now();
      const host = await startHost(ours, { ...env, EXPORTS: '', SINK_URL, EXPORT_LOOKBACK_HOURS: '0' });
      times.ours.push(performance.now() - started);
      for (const runs of [times.first, times.second]) {
        const invoked = performance.now();
        const { error } = await host.invoke('exportRequests');
        runs.push(performance.now() - invoked);
        if (error !== undefined) throw new Error(error);
      }
      await host.stop();
      const emptyStarted = performance.now();
      const emptyHost = await startHost(empty, {});
      times.empty.push(performance.now() - emptyStarted);
      await emptyHost.stop();
    }
  });
  const row = (what: string, values: readonly number[], others: readonly number[]) => {
    const { median, min, max } = spreadOf(values);
    const ratio = spreadOf(values.map((value, turn) => value / (others[turn] ?? Number.NaN))).median;
    return { what, ms: round(median), 'min..max ms': `${round(min)}..${round(max)}`, 'x empty': round(ratio) };
  };
  return {
    title: `Start of the process to functions registered, ${3 * scene.repeats} times`,
    rows: [
      row('an app with one empty timer', times.empty, times.empty),
      row('ours, ten timers', times.ours, times.empty),
      row('first run (loads the SDKs, creates the watermark)', times.first, times.empty),
      row('second run', times.second, times.empty),
    ],
  };
}

async function buildOurs({ folder }: Scene): Promise<string> {
  const app = `${folder}/app`;
  await promisify(execFile)(process.execPath, [`${ROOT}scripts/build.ts`, `${app}/dist`]);
  await cp(`${ROOT}package.json`, `${app}/package.json`);
  return app;
}

async function buildEmpty({ folder }: Scene): Promise<string> {
  const app = `${folder}/empty`;
  await mkdir(app, { recursive: true });
  const main = (await bundle('empty-app.ts', `${app}/dist`)).slice(app.length + 1);
  await writeFile(`${app}/package.json`, JSON.stringify({ type: 'module', main }));
  return app;
}
