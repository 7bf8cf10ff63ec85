import assert from 'node:assert/strict';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Proof, verifyExport } from '../src/core/verify.ts';
import { type AuditScene, openAuditScene } from './support/audit-scene.ts';

/** Exports four rows of the hour from 10:00, in two parts, and leaves their claims. */
async function openWithRows(): Promise<AuditScene> {
  const scene = await openAuditScene();
  scene.at('10:20');
  await scene.ingest('10:05', 'a', 'b');
  await scene.run({ lookbackMs: 30 * 60_000 });
  scene.at('11:30');
  await scene.ingest('10:30', 'c', 'd');
  await scene.run();
  return scene;
}

/** The hour from 10:00, and what the audit said of it. */
const tenOf = ({ hours }: Proof) => {
  const { state, logsRows, sinkRows, lateRows, missingRows, audited } =
    hours.find(({ endMs }) => endMs === Date.parse('2026-11-22T11:00:00Z')) ?? assert.fail('the hour is not there');
  return { state, logs: logsRows, sink: sinkRows, late: lateRows, missing: missingRows, audited };
};

const pathOf = (scene: AuditScene, path: string) => scene.path('..', path);

async function runAudits(scene: AuditScene): Promise<void> {
  scene.at('17:30');
  await scene.run();
  scene.at('17:35');
  await scene.run();
}

test('rows that became visible late are exported by the audit, and the hour is complete', async () => {
  await using scene = await openWithRows();
  await scene.ingest('10:07', 'late1', 'late2');
  const before = await scene.verify('10:00', '11:00');
  assert.deepEqual(tenOf(before), { state: 'open', logs: 6, sink: 4, late: 0, missing: 2, audited: 'open' });
  scene.at('17:30');
  const report = await scene.run();
  assert.equal(report.late, 2);
  scene.at('17:35');
  assert.equal((await scene.run()).audited.complete > 0, true);
  const complete = { state: 'complete', logs: 6, sink: 6, late: 2, missing: 0, audited: 'complete' };
  assert.deepEqual(tenOf(await scene.verify('10:00', '11:00')), complete);
  assert.deepEqual(tenOf(await scene.verify('10:00', '11:00', true)), complete);
});

test('a late row with the ItemId of one that is exported is a row of its own', async () => {
  await using scene = await openWithRows();
  await scene.ingest('10:05', 'a');
  await runAudits(scene);
  const complete = { state: 'complete', logs: 5, sink: 5, late: 1, missing: 0, audited: 'complete' };
  assert.deepEqual(tenOf(await scene.verify('10:00', '11:00', true)), complete);
});

test('rows that the platform delivers again later are rows of that time', async () => {
  await using scene = await openWithRows();
  await scene.logs.repeat('AppRequests', 'Id == "a"');
  await runAudits(scene);
  const { hours } = await scene.verify('10:00', '13:00', true);
  assert.deepEqual(
    hours.map(({ state, sinkRows }) => [state, sinkRows]),
    [
      ['complete', 4],
      ['complete', 1],
      ['complete', 0],
    ],
  );
});

test('rows that Logs has no more are no fault, before the audit and after it', async () => {
  await using scene = await openWithRows();
  await scene.logs.remove('AppRequests', 'Id == "a"');
  await runAudits(scene);
  const fewer = { state: 'fewer', logs: 3, sink: 4, late: 0, missing: 0, audited: 'fewer' };
  assert.deepEqual(tenOf(await scene.verify('10:00', '11:00')), fewer);
  await scene.logs.remove('AppRequests', 'Id == "b"');
  assert.deepEqual(tenOf(await scene.verify('10:00', '11:00', true)), { ...fewer, logs: 2 });
});

test('parts that a reader has taken are not called missing', async () => {
  await using scene = await openWithRows();
  const [first] = await scene.parts();
  await rm(pathOf(scene, first?.path ?? ''));
  const taken = { state: 'taken', logs: 4, sink: 2, late: 0, missing: 0 };
  assert.deepEqual(tenOf(await scene.verify('10:00', '11:00')), { ...taken, audited: 'open' });
  await runAudits(scene);
  for (const read of [false, true]) {
    const found = tenOf(await scene.verify('10:00', '11:00', read));
    assert.deepEqual(found, { ...taken, audited: 'complete' }, 'Logs has what was committed');
  }
  await scene.ingest('10:06', 'later');
  const missing = { state: 'missing', logs: 5, sink: 2, late: 0, missing: 1, audited: 'complete' };
  assert.deepEqual(tenOf(await scene.verify('10:00', '11:00')), missing);
});

test('late rows of an hour whose parts were taken are not exported, and are missing', async () => {
  await using scene = await openWithRows();
  const [first] = await scene.parts();
  await rm(pathOf(scene, first?.path ?? ''));
  await scene.ingest('10:06', 'late');
  await runAudits(scene);
  const missing = { state: 'missing', logs: 5, sink: 2, late: 0, missing: 1, audited: 'taken' };
  assert.deepEqual(tenOf(await scene.verify('10:00', '11:00', true)), missing);
});

test('rows that became visible after the audit are missing, and exported again when parts are deleted', async () => {
  await using scene = await openWithRows();
  await runAudits(scene);
  await scene.ingest('10:06', 'later');
  const missing = { state: 'missing', logs: 5, sink: 4, late: 0, missing: 1, audited: 'complete' };
  assert.deepEqual(tenOf(await scene.verify('10:00', '11:00')), missing);
  assert.deepEqual(tenOf(await scene.verify('10:00', '11:00', true)), missing);
  const parts = (await scene.parts()).filter(({ startMs }) => startMs < scene.timeOf('11:00'));
  for (const { path } of parts) await rm(pathOf(scene, path));
  await scene.backfill('10:00', '11:00', { again: true });
  const complete = { state: 'complete', logs: 5, sink: 5, late: 0, missing: 0, audited: 'complete' };
  assert.deepEqual(tenOf(await scene.verify('10:00', '11:00', true)), complete);
});

test('as many rows, but others: the checksum shows it, and reading how many', async () => {
  await using scene = await openWithRows();
  await runAudits(scene);
  await scene.logs.remove('AppRequests', 'Id == "a"');
  await scene.ingest('10:06', 'later');
  assert.equal(tenOf(await scene.verify('10:00', '11:00')).state, 'different');
  const { state, missing } = tenOf(await scene.verify('10:00', '11:00', true));
  assert.deepEqual([state, missing], ['missing', 1]);
});

test('a row that is missing among others that were deleted in Logs is found by reading', async () => {
  await using scene = await openWithRows();
  await runAudits(scene);
  await scene.logs.remove('AppRequests', 'Id in ("a", "b")');
  await scene.ingest('10:06', 'later', 'd');
  await scene.ingest('10:07', 'd');
  await scene.logs.remove('AppRequests', 'Id == "c"');
  assert.equal(tenOf(await scene.verify('10:00', '11:00')).state, 'different');
  scene.logs.limits.rows = 3; // so that answers are halved
  const { state, logs, sink, missing } = tenOf(await scene.verify('10:00', '11:00', true));
  assert.deepEqual([state, logs, sink, missing], ['missing', 4, 4, 3]);
});

test('a part that somebody has copied into the hour is more than was committed', async () => {
  await using scene = await openWithRows();
  await runAudits(scene);
  const [first] = await scene.parts();
  await writeFile(pathOf(scene, (first?.path ?? '').replace('.jsonl', '_late99.jsonl')), gzipSync('{}\n{}\n'));
  assert.equal(tenOf(await scene.verify('10:00', '11:00')).state, 'more');
});

test('a part that is cut, and one without its rows, are damaged for whoever reads', async () => {
  await using scene = await openWithRows();
  const [first] = await scene.parts();
  const path = pathOf(scene, first?.path ?? '');
  await writeFile(path, gzipSync('{"ItemId":"a"}\n'));
  assert.equal(tenOf(await scene.verify('10:00', '11:00')).state, 'complete');
  const [fewer] = (await scene.verify('10:00', '11:00', true)).hours;
  assert.equal(fewer?.state, 'damaged');
  assert.match(fewer?.reason ?? '', /_2\.jsonl\.gz: found 1 row, expected the 2 of its name/);
  await truncate(path, 20);
  assert.equal(tenOf(await scene.verify('10:00', '11:00', true)).state, 'damaged');
});

test('what the export did not reach yet, or began after, is left out', async () => {
  await using scene = await openWithRows();
  const { hours, notes } = await scene.verify('08:00', '14:00');
  const { exportedFromMs, exportedUntilMs } = await scene.position();
  assert.deepEqual(
    hours.map(({ startMs, endMs }) => [startMs, endMs]),
    [
      [exportedFromMs, scene.timeOf('10:00')],
      [scene.timeOf('10:00'), scene.timeOf('11:00')],
      [scene.timeOf('11:00'), exportedUntilMs],
    ],
  );
  assert.deepEqual(notes, []);
  const widened = await scene.verify('08:40', '13:10');
  assert.deepEqual(widened.hours, hours);
  assert.deepEqual(widened.notes, ['an hour in which --from or --to lies is compared as a whole']);
  assert.deepEqual((await scene.verify('14:00', '15:00')).notes, [
    'nothing of that range has been exported, as the watermark has it',
  ]);
});

test('by default the last day of closed hours is compared', async () => {
  await using scene = await openWithRows();
  await runAudits(scene);
  const { hours } = await scene.verify();
  assert.equal(hours.at(-1)?.endMs, scene.timeOf('11:00'));
  scene.at('+2d 17:30');
  await scene.run();
  const later = await scene.verify();
  assert.equal(later.hours.length, 24);
  assert.equal(later.hours.at(-1)?.endMs, scene.timeOf('+2d 11:00'));
});

test('an export that drops ItemId is compared by number alone, and says so', async () => {
  await using scene = await openAuditScene();
  await scene.ask('AppRequests | project-away ItemId');
  scene.at('10:20');
  await scene.ingest('10:05', 'a', 'b');
  await scene.run();
  await scene.ingest('10:06', 'late');
  const { hours, notes } = await scene.verify('10:00', '11:00', true);
  assert.deepEqual([hours[0]?.state, hours[0]?.missingRows], ['open', 1]);
  assert.match(notes.join(), /no ItemId: they are compared by number alone, from the names of parts/);
});

test('a query that has changed, and one that reads other tables, are named', async () => {
  await using scene = await openWithRows();
  await scene.ask('AppRequests | where Success == false');
  assert.match((await scene.verify('10:00', '11:00')).notes.join(), /its query has changed/);
  await scene.ask('AppRequests | where OperationId in ((AppTraces | project OperationId))');
  const { hours, notes } = await scene.verify('10:00', '11:00');
  assert.equal(hours.length, 0);
  assert.match(notes.join(), /cannot be verified/);
});

test('an hour that looks wrong is looked at again, for a run may have exported something meanwhile', async () => {
  await using scene = await openWithRows();
  await runAudits(scene);
  const { sink } = scene.ports;
  let looks = 0;
  const parts: typeof sink.parts = (name, hours) => {
    looks += 1;
    return looks === 1 ? sink.parts(name, { startMs: 0, endMs: 0 }) : sink.parts(name, hours);
  };
  const { fromMs, untilMs } = { fromMs: scene.timeOf('10:00'), untilMs: scene.timeOf('11:00') };
  const options = { name: 'requests', lagMs: 0, auditMs: 0 };
  const verification = { options, fromMs, untilMs, read: false, signal: AbortSignal.timeout(60_000), onProgress() {} };
  // Without what was written down the rows would be missing.
  const silent = { ...sink, parts, verdicts: async () => [] };
  assert.equal(tenOf(await verifyExport({ ...scene.ports, sink: silent }, verification)).state, 'complete');
  assert.equal(looks, 2);
});

test('what has not begun is said', async () => {
  await using scene = await openAuditScene();
  assert.deepEqual((await scene.verify()).notes, ['has not begun']);
});
