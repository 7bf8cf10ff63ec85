import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { SupersededError } from '../src/core/sink.ts';
import { startPostgres } from '../src/local/postgres/server.ts';
import {
  assertQuiet,
  cellRows,
  openScene,
  positionAt,
  stageOne,
  valuesIn,
  windowAt,
} from './support/postgres-scene.ts';

const server = await startPostgres();
after(() => server[Symbol.asyncDispose]());

test('of racing runs one wins each window', async () => {
  const { database, open } = await openScene(server);
  const LAST = 12;
  let superseded = 0;
  const race = async (racer: number) => {
    for (;;) {
      const session = await open();
      try {
        for (;;) {
          const minute = (session.position.exportedUntilMs - windowAt(0).startMs) / 60_000;
          if (minute >= LAST) return;
          await session.commit(positionAt(minute + 1), await stageOne(session, `${minute} by ${racer}`, minute));
        }
      } catch (error) {
        if (!(error instanceof SupersededError)) throw error;
        superseded += 1;
      } finally {
        await session.close();
      }
    }
  };
  await Promise.all([0, 1, 2].map(race));
  const values = (await valuesIn(database)).map((value) => Number(value.split(' ')[0]));
  assert.deepEqual(
    values.sort((a, b) => a - b),
    Array.from({ length: LAST }, (_, index) => index),
  );
  assert.ok(superseded > 0);
  await assertQuiet(database);
});

test('whoever sets a position by hand wins against a run that is under way', async () => {
  const { database, open } = await openScene(server);
  const session = await open();
  const staged = await stageOne(session, 'mine', 0);
  await database.sql(
    `update monitorlift._watermark set position = position || '{"exportedUntil":"2026-11-22T13:00:00.000Z"}'`,
  );
  await assert.rejects(session.commit(positionAt(1), staged), SupersededError);
  await session.close();
  assert.deepEqual(await valuesIn(database), []);
  assert.equal((await open()).position.exportedUntilMs, Date.UTC(2026, 10, 22, 13));
});

test('a position that has come back to what it was is another one', async () => {
  const { database, open } = await openScene(server);
  const session = await open();
  const staged = await stageOne(session, 'mine', 0);
  await (await open()).close({ ...positionAt(0), windowMs: 9 });
  await (await open()).close(positionAt(0));
  await assert.rejects(session.commit(positionAt(1), staged), SupersededError);
  await session.close();
  assert.deepEqual(await valuesIn(database), []);
});

test('a part some of whose rows have been deleted is gone', async () => {
  const { database, exportRows, sink } = await openScene(server);
  await exportRows(cellRows({ A: 'string' }, [['"1"'], ['"2"'], ['null']]));
  const part = await sink.newest('requests');
  assert.ok(part);
  const texts = await sink.read(part, 'A');
  assert.ok(texts);
  assert.deepEqual((await Array.fromAsync(texts)).sort(), ['1', '2', undefined]);
  const before = await sink.read(part, 'A');
  assert.ok(before);
  await database.sql("delete from monitorlift.requests where a = '1'");
  await assert.rejects(Array.fromAsync(before), /requests\/_part=\d+: found 2 rows, expected 3: some were deleted/);
  assert.equal(await sink.read(part, 'A'), undefined);
  await database.sql('drop table monitorlift.requests');
  assert.equal(await sink.read(part, 'A'), undefined);
});

test('a position that is damaged or deleted stops the run', async () => {
  const { database, open } = await openScene(server);
  const session = await open();
  const staged = await stageOne(session, 'x', 0);
  await database.sql(`update monitorlift._watermark set position = position - 'windowMs'`);
  await assert.rejects(open(), /"_watermark", home 'requests': found "windowMs": nothing, expected a whole number/);
  await database.sql(`update monitorlift._watermark set position = position || '{"windowMs":1,"version":3}'`);
  await assert.rejects(open(), /"_watermark", home 'requests': found "version": 3, expected 2/);
  await database.sql('delete from monitorlift._watermark');
  await assert.rejects(session.commit(positionAt(1), staged), /is gone: someone deleted it/);
  await session.close();
  assert.deepEqual(await valuesIn(database), []);
});

test('an export is set back as the docs say: later rows go, and earlier claims stay', async () => {
  const { database, sink, open } = await openScene(server);
  const claim = (minute: number) => ({
    ...{ fromMs: windowAt(minute).startMs, untilMs: windowAt(minute).endMs, bytes: 0, late: 0 },
    ...{ rows: 1, xor: '0123456789abcdef', sum: 1n },
  });
  for (const minute of [0, 1]) {
    const session = await open();
    const claims = [claim(0), claim(1)].slice(0, minute + 1);
    await session.commit({ ...positionAt(minute + 1), claims }, await stageOne(session, `row ${minute}`, minute));
    await session.close();
  }
  const docs = await readFile(new URL('../docs/sinks.md', import.meta.url), 'utf8');
  const sql = /\*\*Set back\*\*.*?```sql\n(.*?)```/s.exec(docs)?.[1] ?? '';
  const at = new Date(windowAt(1).startMs).toISOString();
  await database.sql(sql.replaceAll("'T'", `'${at}'`));
  const { position } = await open();
  assert.equal(position.exportedUntilMs, windowAt(1).startMs);
  assert.deepEqual(position.claims, [claim(0)]);
  assert.deepEqual(await valuesIn(database), ['row 0']);
  assert.equal((await Array.fromAsync(sink.parts('requests', { startMs: 0, endMs: windowAt(9).endMs }))).length, 1);
});
