import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createRandom, type Random } from '../sim/random.ts';
import { openScene, type PostgresScene, START_MS } from './postgres-scene.ts';
import type { PostgresServer } from './postgres-server.ts';

/** Processes that race. */
const RACERS = 2;
/** What a run may live; the first tenths go by before it reaches the database. */
const LIFE_MS = { from: 150, to: 600 };
const EXPORTER = join(import.meta.dirname, 'postgres-exporter.ts');
/** More than a run gets to before it is killed. */
const ENDLESS = 1_000_000;

/** Always the same for a window, from hardly any to more than one chunk. */
export function rowsInWindow(minute: number): number {
  return createRandom(minute).between(1, 300);
}

/** What a trial has seen. */
export interface KillTally {
  readonly kills: number;
  readonly windows: number;
  readonly rows: number;
  /** Runs that another one was faster than. */
  readonly ended: number;
}

/**
 * Lets runs race on one database, kills them at random moments, lets a last one end in peace, and looks whether each
 * row is there once. Time is real: a seed gives the same choices again, not the same history.
 */
export async function runPostgresTrial(server: PostgresServer, kills: number, seed: number): Promise<KillTally> {
  const scene = await openScene(server);
  const tally = { kills: 0, ended: 0 };
  const random = createRandom(seed);
  const race = async () => {
    while (tally.kills < kills) {
      const signal = await runOnce(scene, ENDLESS, random, random.between(LIFE_MS.from, LIFE_MS.to));
      tally[signal === 'SIGKILL' ? 'kills' : 'ended'] += 1;
    }
  };
  await Promise.all(Array.from({ length: RACERS }, race));
  const windows = (await windowsOf(scene)) + 5;
  await runOnce(scene, windows, random);
  assert.equal(await windowsOf(scene), windows);
  return { ...tally, windows, rows: await verify(scene, windows) };
}

async function windowsOf({ open }: PostgresScene): Promise<number> {
  return ((await open()).position.exportedUntilMs - START_MS) / 60_000;
}

async function runOnce({ database }: PostgresScene, windows: number, random: Random, lifeMs?: number) {
  const args = [EXPORTER, database.url.href, database.password, String(windows), String(random.between(0, 1e9))];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  child.stderr.on('data', (text) => said.push(String(text)));
  const timer = lifeMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), lifeMs);
  const [code, signal] = await once(child, 'exit');
  clearTimeout(timer);
  assert.ok(signal === 'SIGKILL' || code === 0, said.join(''));
  return signal;
}

/** Each row of each window is there once, the parts say the same, and nobody holds a transaction. */
async function verify({ database: { sql } }: PostgresScene, windows: number): Promise<number> {
  const expected = Array.from({ length: windows }, (_, minute) => rowsInWindow(minute)).reduce(
    (sum, rows) => sum + rows,
  );
  const [rows] = await sql('select count(*)::int as rows, count(distinct id)::int as ids from monitorlift.requests');
  assert.deepEqual(rows, { rows: expected, ids: expected });
  const [parts] = await sql('select count(*)::int as parts, sum(rows)::int as rows from monitorlift._parts');
  assert.deepEqual(parts, { parts: windows, rows: expected });
  const apart =
    'select id from monitorlift._parts full join (select _part as id, count(*) as found from monitorlift.requests ' +
    'group by _part) as found using (id) where rows is distinct from found';
  assert.deepEqual(await sql(apart), []);
  return expected;
}
