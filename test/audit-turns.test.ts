import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import { runBackfill, runExport } from '../src/core/exporter.ts';
import { OversizeError } from '../src/core/logs.ts';
import type { Ports } from '../src/core/run.ts';
import type { Session, Sink } from '../src/core/sink.ts';
import { HOUR_MS, type Window } from '../src/core/window.ts';
import { AUDIT_OPTIONS, type AuditScene, openAuditScene } from './support/audit-scene.ts';

const { signal } = new AbortController();
const RUNS = 12;

/** The ports of the scene, with a service that takes the rest of a run for what is slow. */
function slowly(
  { ports }: AuditScene,
  slow: { recount?: (windows: readonly Window[]) => boolean; rowsBeforeMs?: number },
) {
  let elapsedMs = 0;
  const tooSlow = (timeoutMs: number): never => {
    elapsedMs += timeoutMs;
    throw new OversizeError('too slow', { rows: 0, bytes: 0 });
  };
  const { table } = ports;
  const recount: Ports['table']['recount'] = async (windows, look, itemId, asking) =>
    slow.recount?.(windows) ? tooSlow(asking.timeoutMs) : table.recount(windows, look, itemId, asking);
  const rows: Ports['table']['rows'] = async (key, look, asking, receive) => {
    if (key.window.startMs < (slow.rowsBeforeMs ?? 0)) elapsedMs += AUDIT_OPTIONS.budgetMs;
    return table.rows(key, look, asking, receive);
  };
  return { ...ports, table: { ...table, recount, rows }, clock: { ...ports.clock, elapsed: () => elapsedMs } };
}

/** An export since about 07:20 with hours that are due, and a backfill that is listed. */
async function openBusy(): Promise<AuditScene> {
  const scene = await openAuditScene();
  scene.at('10:20');
  await scene.ingest('04:05', 'a', 'b');
  await scene.ingest('08:30', 'c');
  await scene.run();
  scene.at('20:30');
  await scene.run({ auditMs: 48 * HOUR_MS });
  await scene.backfill('03:00', undefined, { budgetMs: 0 });
  return scene;
}

test('hours whose recount takes all of a run do not keep backfills from being worked off', async () => {
  await using scene = await openBusy();
  let rows = 0;
  for (let run = 0; run < RUNS; run += 1)
    rows += (await runExport(AUDIT_OPTIONS, slowly(scene, { recount: () => true }), signal)).rows;
  assert.equal(rows, 2);
  assert.deepEqual((await scene.position()).backfills, []);
});

test('a backfill that takes all of a run does not keep hours from being recounted', async () => {
  await using scene = await openBusy();
  let complete = 0;
  const ports = slowly(scene, { rowsBeforeMs: scene.timeOf('07:00') });
  for (let run = 0; run < 3; run += 1) complete += (await runExport(AUDIT_OPTIONS, ports, signal)).audited.complete;
  assert.ok(complete > 0);
  assert.equal((await scene.position()).backfills.length, 1);
});

test('an hour whose recount takes all of a run, alone or with others, keeps nobody from the ones behind it', async () => {
  await using scene = await openAuditScene();
  scene.at('16:30');
  await scene.ingest('13:35', 'a');
  await scene.run();
  scene.at('23:30');
  const isStuck = ({ startMs }: Window) => startMs === scene.timeOf('14:00');
  const ports = slowly(scene, { recount: (windows) => windows.length > 1 || windows.some(isStuck) });
  for (let run = 0; run < RUNS; run += 1) await runExport(AUDIT_OPTIONS, ports, signal);
  const { claims } = await scene.position();
  const due = claims.filter(({ untilMs }) => untilMs <= scene.timeOf('17:00'));
  assert.deepEqual(
    due.map(({ fromMs }) => fromMs),
    [scene.timeOf('14:00')],
  );
});

test('a long repair is recounted day by day: its claims are those of a day', async () => {
  await using scene = await openAuditScene();
  scene.at('00:00');
  await scene.run({ lookbackMs: 0 });
  for (const day of ['', '+1d ', '+2d ']) await scene.ingest(`${day}07:05`, `on ${day}`);
  scene.at('+3d 12:00');
  await scene.run();
  for (const { path } of await scene.parts()) await rm(scene.path('..', path));
  let most = 0;
  const { sink } = scene.ports;
  const open: Sink['open'] = async (home, holder) => {
    const session = await sink.open(home, holder);
    const commit: Session['commit'] = async (position, staged) => {
      if (home.includes('/_backfill/')) most = Math.max(most, position.claims.length);
      await session?.commit(position, staged);
    };
    return session && Object.create(session, { commit: { value: commit } });
  };
  const range = { fromMs: scene.timeOf('01:00'), untilMs: scene.timeOf('+3d 00:00'), again: true };
  const report = await runBackfill(AUDIT_OPTIONS, { ...scene.ports, sink: { ...sink, open } }, range, signal);
  assert.deepEqual([report.rows, report.audited.complete, most], [3, 71, 24]);
  assert.deepEqual((await scene.position()).backfills, []);
});
