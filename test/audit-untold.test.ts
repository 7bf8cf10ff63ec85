import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runExport } from '../src/core/exporter.ts';
import type { Ports } from '../src/core/run.ts';
import { AUDIT_OPTIONS, type AuditScene, openAuditScene } from './support/audit-scene.ts';

const { signal } = new AbortController();

/** An export whose query drops `ItemId`, and whose answers without rows are without columns too (204). */
async function openWithout(): Promise<AuditScene> {
  const scene = await openAuditScene();
  await scene.ask('AppRequests | project-away ItemId');
  await scene.ingest('10:15', 'a');
  scene.at('12:00');
  await runExport(AUDIT_OPTIONS, withoutColumns(scene.ports), signal);
  const { claims } = await scene.position();
  assert.ok(claims.length > 0 && claims.every(({ rows }) => rows === 0));
  scene.at('19:30');
  return scene;
}

function withoutColumns(ports: Ports): Ports {
  const rows: Ports['table']['rows'] = async (...asked) => {
    const answer = await ports.table.rows(...asked);
    return answer.rows === 0 ? { ...answer, columns: [] } : answer;
  };
  return { ...ports, table: { ...ports.table, rows } };
}

test('hours without rows are recounted by number, where the query drops ItemId too', async () => {
  await using scene = await openWithout();
  const { outcome, audited } = await scene.run();
  assert.equal(outcome, 'exported');
  assert.ok(audited.complete > 0);
  assert.deepEqual((await scene.position()).claims, []);
});

test('late rows that nothing tells apart end the recount of their hour, with one line', async () => {
  await using scene = await openWithout();
  await scene.ingest('09:05', 'late');
  await scene.ingest('11:10', 'late too');
  const warnings: string[] = [];
  const log = { ...scene.ports.log, warn: (text: string) => warnings.push(text) };
  const ports = { ...scene.ports, log };
  const { outcome, late } = await runExport(AUDIT_OPTIONS, ports, signal);
  assert.deepEqual([outcome, late], ['exported', 0]);
  assert.deepEqual(warnings.filter((text) => text.includes('had no rows when they were read')).length, 1);
  assert.deepEqual((await scene.position()).claims, []);
  assert.equal((await scene.parts()).length, 1);
  warnings.length = 0;
  await runExport(AUDIT_OPTIONS, ports, signal);
  assert.deepEqual(warnings, []);
});

test('late rows of an hour without any are exported, and recounted by their keys', async () => {
  await using scene = await openAuditScene();
  scene.at('12:00');
  await runExport(AUDIT_OPTIONS, withoutColumns(scene.ports), signal);
  await scene.ingest('09:05', 'late');
  scene.at('19:30');
  assert.equal((await scene.run()).late, 1);
  await scene.run();
  const verdicts = await scene.ports.sink.verdicts('requests', scene.timeOf('09:00'));
  const found = verdicts.find(({ fromMs }) => fromMs === scene.timeOf('09:00'));
  assert.deepEqual([found?.verdict, found?.rows, found?.late], ['complete', 1, 1]);
});

test('hours that were exported when nobody knew that the query reads other tables are not recounted', async () => {
  await using scene = await openAuditScene();
  await scene.ingest('10:15', 'a');
  scene.at('12:00');
  await scene.run();
  assert.ok((await scene.position()).claims.length > 0);
  // The other table has other rows by now.
  await scene.ingest('10:20', 'chosen since');
  scene.at('19:30');
  const warnings: string[] = [];
  const { log, table } = scene.ports;
  const ports = {
    ...scene.ports,
    log: { ...log, warn: (text: string) => warnings.push(text) },
    table: { ...table, isStable: false },
  };
  const { outcome, audited } = await runExport(AUDIT_OPTIONS, ports, signal);
  assert.deepEqual([outcome, audited.complete, audited.fewer, audited.taken], ['exported', 0, 0, 0]);
  assert.deepEqual([warnings, (await scene.position()).claims], [[], []]);
});

test('of a query that drops ItemId nothing is recounted, windows without rows neither', async () => {
  await using scene = await openAuditScene();
  await scene.ask('AppRequests | project-away ItemId');
  await scene.ingest('10:15', 'a');
  scene.at('12:00');
  await scene.run();
  assert.deepEqual((await scene.position()).claims, []);
  scene.at('19:30');
  assert.equal((await scene.run()).outcome, 'exported');
});
