import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { runExport } from '../src/core/exporter.ts';
import type { Sink } from '../src/core/sink.ts';
import { HOUR_MS } from '../src/core/window.ts';
import { AUDIT_OPTIONS, openAuditScene } from './support/audit-scene.ts';

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
