import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runExport } from '../src/core/exporter.ts';
import { OversizeError } from '../src/core/logs.ts';
import type { Ports } from '../src/core/run.ts';
import { MINUTE_MS } from '../src/core/window.ts';
import { AUDIT_OPTIONS, type AuditScene, openAuditScene } from './support/audit-scene.ts';

const { signal } = new AbortController();

/** An hour that is due, with a row in each of twelve parts, and others that became visible late in some of them. */
async function openWithLate(...minutes: readonly string[]): Promise<AuditScene> {
  const scene = await openAuditScene();
  const all = Array.from({ length: 12 }, (_, index) => `10:${String(5 * index).padStart(2, '0')}`);
  for (const time of all) await scene.ingest(time, `row of ${time}`);
  scene.at('11:30');
  await scene.run({ windowMs: 5 * MINUTE_MS });
  for (const time of minutes) await scene.ingest(time, `late of ${time}`);
  scene.at('17:30');
  return scene;
}

/** The ports of the scene, and the windows of that hour whose rows have been asked for. */
function watch({ ports, timeOf }: AuditScene, onRows?: () => void) {
  const asked: string[] = [];
  const rows: Ports['table']['rows'] = async (key, ...rest) => {
    const { startMs, endMs } = key.window;
    if (startMs >= timeOf('10:00') && endMs <= timeOf('11:00')) {
      asked.push(new Date(startMs).toISOString().slice('2026-11-22T'.length, '2026-11-22T10:00'.length));
      onRows?.();
    }
    return ports.table.rows(key, ...rest);
  };
  return { asked, ports: { ...ports, table: { ...ports.table, rows } } };
}

test('of an hour with late rows only those windows are read that have some', async () => {
  await using scene = await openWithLate('10:12', '10:41');
  const { asked, ports } = watch(scene);
  assert.equal((await runExport(AUDIT_OPTIONS, ports, signal)).late, 2);
  assert.deepEqual(asked, ['10:10', '10:40']);
  assert.equal((await runExport(AUDIT_OPTIONS, ports, signal)).audited.complete > 0, true);
  assert.equal(asked.length, 2, 'nothing more is late');
});

test('a window that has lost as many rows as came late is read', async () => {
  await using scene = await openWithLate('10:12');
  await scene.logs.remove('AppRequests', 'Id == "row of 10:10"');
  const { asked, ports } = watch(scene);
  assert.equal((await runExport(AUDIT_OPTIONS, ports, signal)).late, 1);
  assert.deepEqual(asked, ['10:10']);
});

test('a run that has to end within an hour leaves the next one what is behind', async () => {
  await using scene = await openWithLate('10:12', '10:21', '10:41');
  let elapsedMs = 0;
  const { asked, ports } = watch(scene, () => {
    elapsedMs += 250_000;
  });
  const clock = { ...ports.clock, elapsed: () => elapsedMs };
  assert.equal((await runExport(AUDIT_OPTIONS, { ...ports, clock }, signal)).late, 2);
  assert.deepEqual(asked, ['10:10', '10:20']);
  assert.equal((await runExport(AUDIT_OPTIONS, ports, signal)).late, 1);
  assert.deepEqual(asked, ['10:10', '10:20', '10:40']);
  const { hours } = await scene.verify('10:00', '11:00', true);
  assert.deepEqual([hours[0]?.state, hours[0]?.lateRows], ['complete', 3]);
});

test('a window that takes the rest of a run is left to the next one', async () => {
  await using scene = await openWithLate('10:12', '10:41');
  let elapsedMs = 0;
  const { asked, ports } = watch(scene, () => {
    elapsedMs += 600_000;
    throw new OversizeError('too slow', { rows: 0, bytes: 0 });
  });
  const clock = { ...ports.clock, elapsed: () => elapsedMs };
  const { outcome, late } = await runExport(AUDIT_OPTIONS, { ...ports, clock }, signal);
  assert.deepEqual([outcome, late, asked], ['exported', 0, ['10:10']]);
  assert.equal((await runExport(AUDIT_OPTIONS, scene.ports, signal)).late, 2);
});

test('windows that Logs cannot recount are read', async () => {
  await using scene = await openWithLate('10:41');
  const { asked, ports } = watch(scene);
  const recount: Ports['table']['recount'] = async (windows, ...rest) => {
    const isPart = windows.some(({ startMs, endMs }) => endMs - startMs < 10 * MINUTE_MS);
    if (isPart) throw new OversizeError('too slow', { rows: 0, bytes: 0 });
    return ports.table.recount(windows, ...rest);
  };
  const table = { ...ports.table, recount };
  assert.equal((await runExport(AUDIT_OPTIONS, { ...ports, table }, signal)).late, 1);
  assert.equal(asked.length, 12);
});
