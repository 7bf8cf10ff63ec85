import assert from 'node:assert/strict';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { runExport } from '../src/core/exporter.ts';
import { OversizeError } from '../src/core/logs.ts';
import type { Sink } from '../src/core/sink.ts';
import { HOUR_MS } from '../src/core/window.ts';
import { AUDIT_OPTIONS, type AuditScene, openAuditScene } from './support/audit-scene.ts';

test('an hour whose part is taken in the midst of its audit is judged with the late rows that it got', async () => {
  await using scene = await openAuditScene();
  scene.at('12:20');
  await scene.run({ lookbackMs: 0 });
  await scene.ingest('13:05', 'a', 'b', 'c');
  scene.at('13:25');
  await scene.run();
  await scene.ingest('13:35', 'd');
  scene.at('14:30');
  await scene.run();
  await scene.ingest('13:06', 'late');
  scene.at('20:30');
  const { sink } = scene.ports;
  const taking: Sink = {
    ...sink,
    async read(part, column) {
      if (part.rows === 1) await rm(scene.path('..', part.path));
      return sink.read(part, column);
    },
  };
  const report = await runExport(AUDIT_OPTIONS, { ...scene.ports, sink: taking }, new AbortController().signal);
  assert.equal(report.late, 1);
  scene.at('20:40');
  await scene.run();
  const verdicts = await sink.verdicts('requests', scene.timeOf('13:00'));
  const ofHour = verdicts.filter(({ fromMs }) => fromMs === scene.timeOf('13:00'));
  assert.deepEqual(
    ofHour.map(({ verdict, rows, late }) => [verdict, rows, late]),
    [['complete', 5, 1]],
  );
  const { hours } = await scene.verify('13:00', '14:00', false);
  assert.equal(hours[0]?.state, 'taken');
});

test('hours that stay open hold up none of the later ones, however many they are', async () => {
  await using scene = await openAuditScene();
  scene.at('00:00');
  await scene.run({ lookbackMs: 0 });
  const hours = Array.from(
    { length: 30 },
    (_, index) => `${index < 24 ? '' : '+1d '}${String(index % 24).padStart(2, '0')}`,
  );
  for (const hour of hours) await scene.ingest(`${hour}:05`, `in time, at ${hour}`);
  scene.at('+1d 06:30');
  await scene.run({ auditMs: 48 * HOUR_MS });
  const parts = (await scene.parts()).toSorted((a, b) => a.startMs - b.startMs);
  for (const { path } of parts.slice(0, 26)) await writeFile(scene.path('..', path), 'damaged');
  for (const hour of hours.slice(0, 26)) await scene.ingest(`${hour}:06`, `late, at ${hour}`);
  scene.at('+3d 12:00');
  await scene.run(); // what is before the first of them is complete
  await scene.run();
  const verdicts = await scene.ports.sink.verdicts('requests', scene.timeOf('+1d 04:00'));
  assert.deepEqual(
    verdicts.map(({ fromMs, verdict }) => [(fromMs - scene.timeOf('+1d 00:00')) / HOUR_MS, verdict]),
    [2, 3, 4, 5, 6].map((hour) => [hour, 'complete']),
  );
});

/** Two hours with a row each, neither recounted yet. */
async function openTwoHours(): Promise<AuditScene> {
  const scene = await openAuditScene();
  await scene.ingest('10:15', 'a');
  await scene.ingest('11:15', 'b');
  scene.at('12:10');
  await scene.run();
  return scene;
}

test('a part that cannot be read leaves its hour open, and the others are recounted', async () => {
  await using scene = await openTwoHours();
  const part = (await scene.parts()).find(({ path }) => path.includes('h=10'));
  await truncate(scene.path(...(part?.path ?? '').split('/').slice(1)), 10);
  await scene.ingest('10:16', 'late');
  scene.at('18:30');
  const { outcome, audited } = await scene.run();
  assert.deepEqual([outcome, audited.complete, audited.taken], ['exported', 2, 0]);
  const { claims } = await scene.position();
  assert.equal(claims[0]?.fromMs, scene.timeOf('10:00'));
  assert.ok(!claims.some(({ fromMs }) => fromMs === scene.timeOf('11:00')));
});

test('an hour that Logs can never recount keeps nobody from the ones behind it', async () => {
  await using scene = await openTwoHours();
  scene.at('18:30');
  const { table } = scene.ports;
  const recount: typeof table.recount = async (windows, ...rest) => {
    const isHeavy = windows.some(({ startMs }) => startMs < scene.timeOf('11:00'));
    if (isHeavy) throw new OversizeError('too slow', { rows: 0, bytes: 0 });
    return table.recount(windows, ...rest);
  };
  const ports = { ...scene.ports, table: { ...table, recount } };
  const { audited } = await runExport(AUDIT_OPTIONS, ports, new AbortController().signal);
  assert.ok(audited.complete > 0);
  const { claims } = await scene.position();
  const has = (time: string) => claims.some(({ fromMs }) => fromMs === scene.timeOf(time));
  assert.deepEqual([has('10:00'), has('11:00')], [true, false]);
});
