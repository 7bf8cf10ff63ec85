import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import { readBackfills } from '../src/core/backfill.ts';
import { runBackfill } from '../src/core/exporter.ts';
import { startExport } from '../src/core/open.ts';
import { beginRun } from '../src/core/run.ts';
import { surveyBackfill } from '../src/core/survey.ts';
import { HOUR_MS } from '../src/core/window.ts';
import { AUDIT_OPTIONS, type AuditScene, openAuditScene } from './support/audit-scene.ts';
import {
  createLogs,
  createPorts,
  createStore,
  NOW_MS,
  OPTIONS,
  publishedPaths,
  putWatermark,
  toLines,
} from './support/exporter-scene.ts';

/** An export that began at about 07:20 of the day after two hours with rows. */
async function openWithPast(): Promise<AuditScene> {
  const scene = await openAuditScene();
  scene.at('10:20');
  await scene.ingest('04:05', 'a', 'b');
  await scene.ingest('06:30', 'c');
  await scene.ingest('08:30', 'd');
  await scene.run();
  return scene;
}

const rowsOf = async (scene: AuditScene) => (await scene.parts()).reduce((sum, { rows }) => sum + rows, 0);
const listedIn = async ({ ports, position }: AuditScene) =>
  readBackfills(ports.sink, await position(), { runId: 'looking', log: ports.log });

test('a backfill exports what lies before the begin, once, and the same call does nothing more', async () => {
  await using scene = await openWithPast();
  assert.equal(await rowsOf(scene), 1);
  const report = await scene.backfill('03:00');
  assert.deepEqual([report.outcome, report.rows], ['exported', 3]);
  assert.equal((await scene.backfill('03:00')).rows, 0);
  assert.equal((await scene.backfill('05:00')).rows, 0);
  assert.equal(await rowsOf(scene), 4);
  assert.equal((await scene.position()).exportedFromMs, scene.timeOf('03:00'));
  const { hours } = await scene.verify('03:00', '11:00', true);
  assert.ok(hours.every(({ state }) => state === 'complete'));
});

test('a backfill without budget is listed, and a timer run goes on with it', async () => {
  await using scene = await openWithPast();
  await scene.backfill('03:00', undefined, { budgetMs: 0 });
  const [listed] = await listedIn(scene);
  assert.equal(listed?.exportedUntilMs, scene.timeOf('03:00'));
  const { notes, hours } = await scene.verify('00:00', '11:00');
  assert.match(notes.join(), /a backfill has still to export 2026-11-22T03:00:00.000Z to /);
  assert.ok(hours.every(({ startMs }) => startMs >= (listed?.untilMs ?? 0)));
  const report = await scene.run();
  assert.equal(report.rows, 3);
  assert.equal(report.backfill?.exportedUntilMs, report.backfill?.untilMs);
});

test('a backfill stays listed until its last hours are recounted, whatever becomes of them', async () => {
  for (const last of ['recounted', 'another query', 'no audit'] as const) {
    await using scene = await openWithPast();
    await scene.backfill('03:00');
    const claimed = (await listedIn(scene)).flatMap(({ claims }) => claims);
    assert.ok(claimed.length > 0, 'the hours before the begin had not settled');
    scene.at('13:40');
    if (last === 'another query') await scene.ask('AppRequests | where Success == false');
    await scene.run(last === 'no audit' ? { auditMs: 0 } : {});
    if (last === 'recounted') assert.equal((await listedIn(scene)).length, 0, last);
    await scene.run(last === 'no audit' ? { auditMs: 0 } : {});
    assert.equal((await listedIn(scene)).length, 0, last);
  }
});

test('a backfill that reaches into what has not settled goes as far as it can, and later to its end', async () => {
  await using scene = await openAuditScene();
  scene.at('10:20');
  await scene.ingest('10:10', 'a');
  await scene.ingest('10:16', 'b');
  await scene.run({ lookbackMs: 0 });
  assert.equal((await scene.backfill('09:00')).rows, 1);
  const [listed] = await listedIn(scene);
  assert.equal(listed?.exportedUntilMs, scene.timeOf('10:15') - 1000);
  scene.at('10:40');
  assert.equal((await scene.run()).rows, 1);
  const { hours } = await scene.verify('09:00', '11:00', true);
  assert.ok(hours.every(({ state }) => state === 'complete'));
  assert.equal(await rowsOf(scene), 2);
});

test('an hour is not judged when audits have been switched off', async () => {
  await using scene = await openWithPast();
  await scene.ingest('08:40', 'late');
  scene.at('16:00');
  const { audited } = await scene.run({ auditMs: 0 });
  assert.deepEqual(audited, { complete: 0, fewer: 0, taken: 0, late: 0 });
  assert.deepEqual((await scene.position()).claims, []);
});

test('a range is exported again only where no part is', async () => {
  await using scene = await openWithPast();
  await assert.rejects(
    scene.backfill('08:00', '09:00', { again: true }),
    /there is a part of that range, requests\/y=/,
  );
  await assert.rejects(scene.backfill('01:00', '02:00', { again: true }), /expected one inside what has been exported/);
  const [part] = await scene.parts();
  await rm(scene.path('..', part?.path ?? ''));
  const before = await scene.backfill('08:00', '09:00', { again: true, budgetMs: 0 });
  assert.equal(before.rows, 0);
  await assert.rejects(scene.backfill('08:30', '09:00', { again: true }), /is listed already/);
  assert.equal((await scene.backfill('08:00', '09:00', { again: true })).rows, 1, 'the same command goes on');
  assert.equal((await scene.backfill('08:00', '09:00', { again: true })).rows, 0, 'and then has nothing to do');
  assert.equal(await rowsOf(scene), 1);
});

test('a range is not exported again while a crashed run has left a part of it to publish', async () => {
  const store = createStore();
  const staged = 'requests/_staging/4-earlier/1.staged';
  const path = 'requests/y=2026/m=11/d=22/h=12/20261122T120000.000Z_20261122T130000.000Z_1.jsonl';
  const created = await store.create(staged, toLines([{ id: 1, ItemId: '1' }]));
  const publishing = [{ staged, path, rows: 1, ...created }];
  await putWatermark(store, { query: 'AppRequests', exportedFrom: '2026-11-22T10:00:00.000Z', publishing });
  const { ports } = createPorts(store, createLogs([{ id: 1, at: '2026-11-22T12:30:00.000Z' }]).logs);
  const at = (time: string) => Date.parse(`2026-11-22T${time}Z`);
  const range = { fromMs: at('12:00'), untilMs: at('13:00'), again: true };
  const { signal } = new AbortController();
  await assert.rejects(runBackfill(OPTIONS, ports, range, signal), /there is a part of that range/);
  assert.deepEqual(publishedPaths(store), [path]);
});

test('where an export of an earlier version began is believed only where no part is', async () => {
  const store = createStore();
  await putWatermark(store, { version: 1 });
  const path = 'requests/y=2026/m=11/d=22/h=12/20261122T120000.000Z_20261122T130000.000Z_1.jsonl';
  await store.create(path, toLines([{ id: 1, ItemId: '1' }]));
  const logs = createLogs([{ id: 2, at: '2026-11-22T11:30:00.000Z' }]).logs;
  const { signal } = new AbortController();
  const until = (hours: number | undefined) => {
    const untilMs = hours === undefined ? undefined : Date.parse('2026-11-22T00:00:00Z') + hours * HOUR_MS;
    const range = { fromMs: NOW_MS - 6 * HOUR_MS, untilMs, again: false };
    return runBackfill(OPTIONS, createPorts(store, logs).ports, range, signal);
  };
  await assert.rejects(until(undefined), /say it with --until/);
  await assert.rejects(until(12.5), /there is a part of that range/);
  assert.equal((await until(12)).rows, 1);
  assert.equal((await until(12)).rows, 0, 'the same command has nothing to do');
});

test('a watermark that was made anew does not know where the export began, and nothing is exported twice', async () => {
  await using scene = await openWithPast();
  const begin = await scene.position();
  await rm(scene.path('_watermark.json'));
  const started = beginRun(AUDIT_OPTIONS, scene.ports, new AbortController().signal);
  await startExport(started, begin.exportedUntilMs);
  assert.equal((await scene.position()).exportedFromMs, undefined);
  const { hours } = await scene.verify('08:00', '10:00', true);
  assert.deepEqual(
    hours.map(({ state }) => state),
    ['complete', 'complete'],
  );
  await assert.rejects(scene.backfill('03:00'), /its watermark was made anew.*say it with --until/);
  await assert.rejects(scene.backfill('03:00', '10:00'), /there is a part of that range.*Say --until/);
  assert.equal((await scene.backfill('03:00', '08:00')).rows, 3);
  assert.equal(await rowsOf(scene), 4);
});

test('where a watermark is wrong about the begin, no part is exported twice', async () => {
  const store = createStore();
  await putWatermark(store, { query: 'AppRequests', exportedFrom: '2026-11-22T14:00:00.000Z' });
  const path = 'requests/y=2026/m=11/d=22/h=12/20261122T120000.000Z_20261122T130000.000Z_1.jsonl';
  await store.create(path, toLines([{ id: 1, ItemId: '1' }]));
  const { ports } = createPorts(store, createLogs([{ id: 1, at: '2026-11-22T12:30:00.000Z' }]).logs);
  const range = { fromMs: Date.parse('2026-11-22T10:00:00Z'), untilMs: undefined, again: false };
  const backfill = runBackfill(OPTIONS, ports, range, new AbortController().signal);
  await assert.rejects(backfill, /there is a part of that range.*"exportedFrom"/);
  assert.deepEqual(publishedPaths(store), [path]);
});

test('where an export began is to be said only where nobody knows', async () => {
  await using scene = await openWithPast();
  await assert.rejects(scene.backfill('03:00', '06:00'), /it is known that this export began at .*: leave out --until/);
  assert.equal((await scene.backfill('03:00')).rows, 3);
});

test('a survey counts, day by day, what has still to be exported', async () => {
  await using scene = await openAuditScene();
  scene.at('+2d 10:20');
  await scene.ingest('04:05', 'a', 'b');
  await scene.ingest('+1d 06:30', 'c');
  await scene.run();
  const { signal } = new AbortController();
  const options = { name: 'requests', lookbackMs: HOUR_MS };
  const range = { fromMs: scene.timeOf('03:00'), untilMs: undefined, again: false };
  const survey = await surveyBackfill(scene.ports, options, range, signal);
  const { exportedFromMs } = await scene.position();
  assert.deepEqual(survey.ranges, [{ startMs: scene.timeOf('03:00'), endMs: exportedFromMs }]);
  assert.equal(survey.oldestMs, scene.timeOf('04:05'));
  assert.deepEqual(
    survey.days.map(({ startMs, rows }) => [startMs, rows]),
    [
      [scene.timeOf('04:05'), 2],
      [scene.timeOf('+1d 00:00'), 1],
      [scene.timeOf('+2d 00:00'), 0],
    ],
  );
  assert.deepEqual([survey.isCounted, survey.withoutTime], [true, 0]);
  await scene.backfill('03:00');
  assert.deepEqual((await surveyBackfill(scene.ports, options, range, signal)).ranges, []);
});
