import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import { runBackfill, runExport } from '../src/core/exporter.ts';
import { isRepaired } from '../src/core/repair.ts';
import type { Session, Sink } from '../src/core/sink.ts';
import { HOUR_MS } from '../src/core/window.ts';
import { AUDIT_OPTIONS, type AuditScene, openAuditScene } from './support/audit-scene.ts';

/** An export since about 12:20, with a part in each of two hours. */
async function openExported(): Promise<AuditScene> {
  const scene = await openAuditScene();
  scene.at('12:20');
  await scene.run({ lookbackMs: 0 });
  await scene.ingest('12:25', 'a', 'b');
  await scene.ingest('13:15', 'c');
  scene.at('14:30');
  await scene.run();
  return scene;
}

async function lose(scene: AuditScene, hour: string): Promise<void> {
  for (const { path } of await scene.parts()) {
    if (path.includes(`/h=${hour}/`)) await rm(scene.path('..', path));
  }
}

const again = (scene: AuditScene, from: string, to: string) => scene.backfill(from, to, { again: true });
const verdictsOf = async (scene: AuditScene) =>
  (await scene.ports.sink.verdicts('requests', scene.timeOf('12:00'))).map(({ fromMs, verdict, rows }) => [
    new Date(fromMs).toISOString().slice('2026-11-22T'.length, '2026-11-22T10:00'.length),
    verdict,
    rows,
  ]);

test('whole hours are exported again, or what an export has of them', async () => {
  await using scene = await openExported();
  await lose(scene, '13');
  const refused = /expected whole hours.* say --from 2026-11-22T13:00:00.000Z --to 2026-11-22T14:00:00.000Z$/;
  await assert.rejects(again(scene, '13:10', '14:00'), refused);
  await assert.rejects(again(scene, '13:00', '13:50'), refused);
  assert.equal((await again(scene, '13:00', '14:00')).rows, 1);
  await lose(scene, '12');
  const { exportedFromMs = 0 } = await scene.position();
  const begin = new Date(exportedFromMs).toISOString();
  await assert.rejects(again(scene, '12:30', '13:00'), new RegExp(`say --from ${begin} --to 2026-11-22T13:00`));
});

test('late rows of an hour that was exported again are found', async () => {
  await using scene = await openExported();
  await lose(scene, '13');
  await again(scene, '13:00', '14:00');
  await scene.ingest('13:40', 'late');
  scene.at('20:30');
  await scene.run();
  await scene.run();
  assert.deepEqual(await verdictsOf(scene), [
    ['12:19', 'complete', 2],
    ['13:00', 'complete', 2],
  ]);
});

test('the verdict of a range is that of its last export', async () => {
  await using scene = await openExported();
  await lose(scene, '13');
  await scene.ingest('13:40', 'late');
  scene.at('20:30');
  await scene.run();
  assert.deepEqual(await verdictsOf(scene), [
    ['12:19', 'complete', 2],
    ['13:00', 'taken', 1],
  ]);
  scene.at('20:40');
  assert.equal((await again(scene, '13:00', '14:00')).rows, 2);
  assert.deepEqual(await verdictsOf(scene), [
    ['12:19', 'complete', 2],
    ['13:00', 'complete', 2],
  ]);
  assert.deepEqual((await scene.position()).backfills, []);
  const { hours } = await scene.verify('13:00', '14:00', true);
  assert.deepEqual([hours[0]?.state, hours[0]?.audited], ['complete', 'complete']);
});

test('nothing is complete beyond what is to be exported again', async () => {
  await using scene = await openExported();
  scene.at('23:30');
  await scene.run();
  await lose(scene, '13');
  await scene.backfill('13:00', '14:00', { again: true, budgetMs: 0 });
  assert.equal((await scene.run({ budgetMs: 0 })).completeUntilMs, scene.timeOf('13:00'));
});

test('a repair whose parts are deleted before its recount begins anew', async () => {
  await using scene = await openExported();
  await lose(scene, '13');
  assert.equal((await again(scene, '13:00', '14:00')).rows, 1);
  assert.equal((await again(scene, '13:00', '14:00')).rows, 0, 'its recount is still to come');
  await lose(scene, '13');
  assert.equal((await again(scene, '13:00', '14:00')).rows, 1);
  assert.equal((await scene.position()).backfills.length, 1);
  scene.at('20:30');
  await scene.run();
  assert.deepEqual((await scene.position()).backfills, []);
  const { hours } = await scene.verify('13:00', '14:00', true);
  assert.deepEqual([hours[0]?.state, hours[0]?.audited, hours[0]?.sinkRows], ['complete', 'complete', 1]);
});

test('a repair goes on without its range, which may have been finished by another run', async () => {
  await using scene = await openExported();
  await lose(scene, '13');
  await scene.backfill('13:00', '14:00', { again: true, budgetMs: 0 });
  const { signal } = new AbortController();
  const goOn = () => runBackfill(AUDIT_OPTIONS, scene.ports, undefined, signal);
  assert.equal((await goOn()).rows, 1);
  scene.at('20:30');
  await scene.run();
  assert.deepEqual((await scene.position()).backfills, []);
  assert.equal((await goOn()).rows, 0);
});

test('a repair of which only some parts are deleted is not begun anew', async () => {
  await using scene = await openExported();
  await lose(scene, '13');
  await scene.ingest('14:20', 'd');
  scene.at('16:30');
  await scene.run();
  await lose(scene, '14');
  assert.equal((await again(scene, '13:00', '15:00')).rows, 2);
  await lose(scene, '13');
  await assert.rejects(
    again(scene, '13:00', '15:00'),
    /parts of it are gone since: delete all .*h=14.* repeat the command/,
  );
  await lose(scene, '14');
  assert.equal((await again(scene, '13:00', '15:00')).rows, 2);
});

/** A repair of two hours, of which the second one cannot be asked for. */
async function openHalf(): Promise<AuditScene> {
  const scene = await openExported();
  await scene.ingest('14:20', 'd');
  scene.at('16:30');
  await scene.run();
  await lose(scene, '13');
  await lose(scene, '14');
  const { table } = scene.ports;
  const rows: typeof table.rows = async (key, ...asked) => {
    if (key.window.startMs >= scene.timeOf('14:00')) throw new Error('no answer');
    return table.rows(key, ...asked);
  };
  const range = { fromMs: scene.timeOf('13:00'), untilMs: scene.timeOf('15:00'), again: true };
  const { signal } = new AbortController();
  const failing = runBackfill(AUDIT_OPTIONS, { ...scene.ports, table: { ...table, rows } }, range, signal);
  await assert.rejects(failing, /no answer/);
  return scene;
}

test('a repair goes on where it was interrupted', async () => {
  await using scene = await openHalf();
  assert.equal((await again(scene, '13:00', '15:00')).rows, 1);
  assert.deepEqual(
    (await scene.verify('13:00', '15:00')).hours.map(({ state }) => state),
    ['complete', 'complete'],
  );
});

test('a repair whose parts are deleted before it has come to its end begins anew', async () => {
  await using scene = await openHalf();
  await lose(scene, '13');
  assert.equal((await again(scene, '13:00', '15:00')).rows, 2);
  assert.deepEqual(
    (await scene.verify('13:00', '15:00')).hours.map(({ state }) => state),
    ['complete', 'complete'],
  );
});

test('parts of a repair that are committed and not published yet are not gone', async () => {
  await using scene = await openExported();
  await scene.ingest('14:20', 'd');
  scene.at('16:30');
  await scene.run();
  await lose(scene, '13');
  await lose(scene, '14');
  const { sink } = scene.ports;
  let home = '';
  const open: Sink['open'] = async (path, holder) => {
    const session = await sink.open(path, holder);
    const publish: Session['publish'] = async () => {
      if (path.includes('/_backfill/') && session?.position.exportedUntilMs === scene.timeOf('15:00')) {
        home = path;
        throw new Error('crashed');
      }
      await session?.publish();
    };
    return session && Object.create(session, { publish: { value: publish } });
  };
  const range = { fromMs: scene.timeOf('13:00'), untilMs: scene.timeOf('15:00'), again: true };
  const { signal } = new AbortController();
  const crashing = runBackfill(AUDIT_OPTIONS, { ...scene.ports, sink: { ...sink, open } }, range, signal);
  await assert.rejects(crashing, /crashed/);
  assert.notEqual(home, '');
  const holder = { runId: 'looker', log: scene.ports.log };
  assert.equal(await isRepaired(sink, await scene.position(), range, holder), true);
});

test('a run that is in the midst of a repair which begins anew exports nothing of it any more', async () => {
  await using scene = await openExported();
  await lose(scene, '13');
  await again(scene, '13:00', '14:00');
  await scene.ingest('13:40', 'late');
  scene.at('20:30');
  const { table } = scene.ports;
  let anew = 0;
  const rows: typeof table.rows = async (...asked) => {
    if (anew === 0) {
      await lose(scene, '13');
      anew = (await again(scene, '13:00', '14:00')).rows;
    }
    return table.rows(...asked);
  };
  const { signal } = new AbortController();
  await scene.run({ auditMs: 24 * HOUR_MS }); // so that the repair is all there is to do
  const { late } = await runExport(AUDIT_OPTIONS, { ...scene.ports, table: { ...table, rows } }, signal);
  assert.deepEqual([anew, late], [2, 0]);
  await scene.run();
  const { hours } = await scene.verify('13:00', '14:00', true);
  assert.deepEqual([hours[0]?.state, hours[0]?.audited, hours[0]?.sinkRows], ['complete', 'complete', 2]);
});
