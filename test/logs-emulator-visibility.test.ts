import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type LogsEmulator, startLogsEmulator } from '../src/local/logs/emulator.ts';
import { rows } from './support/logs-client.ts';

const WRITERS = 4;
const BATCHES = 10;
const BATCH_ROWS = 1000;
const READERS = 3;

let emulator: LogsEmulator;

before(async () => {
  emulator = await startLogsEmulator({ limits: { requests: Number.POSITIVE_INFINITY } });
});

after(() => emulator.close());

/** An answer to what lies below a bound, which no later row may change. */
interface Answered {
  readonly bound: string;
  readonly count: unknown;
}

async function countBelow(bound: string): Promise<unknown> {
  const [row] = await rows(emulator, `AppEvents | where ingestion_time() < datetime(${bound}) | count`);
  return row?.[0];
}

/** Asks again and again what was ingested before now, until `ended`. */
async function read(ended: () => boolean): Promise<Answered[]> {
  const answered: Answered[] = [];
  while (!ended()) {
    const bound = new Date().toISOString();
    answered.push({ bound, count: await countBelow(bound) });
  }
  return answered;
}

/** Fails when a row has appeared below a bound that had been answered. */
async function assertSettled(answered: readonly Answered[]): Promise<void> {
  for (const { bound, count } of answered) assert.equal(await countBelow(bound), count, `below ${bound}`);
}

describe('a row is visible from its ingestion time on', () => {
  beforeEach(() => emulator.remove('AppEvents', 'true'));

  it('whatever writes at the same time, and however much waits for its turn', async () => {
    let done = false;
    const reading = Array.from({ length: READERS }, () => read(() => done));
    const batch = Array.from({ length: BATCH_ROWS }, (_, index) => ({ Name: `event ${index}` }));
    const writing = Array.from({ length: WRITERS }, () =>
      Promise.all(Array.from({ length: BATCHES }, () => emulator.ingest('AppEvents', batch))),
    );
    await Promise.all(writing);
    done = true;
    const answered = (await Promise.all(reading)).flat();
    assert.ok(new Set(answered.map(({ count }) => count)).size > 2, 'answers were expected while rows arrived');
    await assertSettled(answered);
    assert.equal(await emulator.count('AppEvents'), WRITERS * BATCHES * BATCH_ROWS);
  });

  it('and not before: rows that arrive while a query is planned are held against its bound', async () => {
    let done = false;
    const reading = Array.from({ length: READERS }, () => read(() => done));
    for (let times = 0; times < 150; times++) {
      await emulator.ingest('AppEvents', [{ Name: 'next' }]);
      // Some milliseconds, so that a bound lies between two rows.
      await emulator.query('print 1');
    }
    done = true;
    await assertSettled((await Promise.all(reading)).flat());
  });

  it('through the ingestion endpoint', async () => {
    let done = false;
    const reading = read(() => done);
    const [, iKey = '', origin = ''] = /Key=([^;]+);IngestionEndpoint=(.+)$/.exec(emulator.connectionString) ?? [];
    const data = { baseType: 'EventData', baseData: { name: 'sent' } };
    const items = Array.from({ length: 500 }, () => ({ time: new Date().toISOString(), iKey, data }));
    const send = () => fetch(`${origin}v2.1/track`, { method: 'POST', body: JSON.stringify(items) });
    const replies = await Promise.all(Array.from({ length: 20 }, send));
    assert.deepEqual([...new Set(replies.map(({ status }) => status))], [200]);
    done = true;
    await assertSettled(await reading);
  });

  it('also when it is delivered a second time', async () => {
    await emulator.ingest('AppEvents', [{ Name: 'one', _ItemId: 'same' }, { Name: 'other' }]);
    let done = false;
    const reading = read(() => done);
    for (let times = 0; times < 5; times++) await emulator.repeat('AppEvents', 'Name == "one"');
    done = true;
    await assertSettled(await reading);
    const query = 'AppEvents | summarize count(), dcount(ingestion_time()), dcount(TimeGenerated) by _ItemId, Name';
    const [doubled] = await rows(emulator, `${query} | where Name == "one"`);
    assert.deepEqual(doubled, ['same', 'one', 32, 6, 1]);
    assert.equal(await emulator.count('AppEvents'), 33);
  });
});

it('a row can be late: it appears below bounds that have been answered', async () => {
  await emulator.remove('AppEvents', 'true');
  const bound = new Date().toISOString();
  assert.equal(await countBelow(bound), 0);
  await emulator.ingest('AppEvents', [{ Name: 'late' }], { lateMs: 3_600_000 });
  assert.equal(await countBelow(bound), 1);
  const [row] = await rows(emulator, 'AppEvents | project now() - ingestion_time() between (59m .. 61m)');
  assert.deepEqual(row, [true]);
});

it('rows can be deleted by a predicate, and no others go', async () => {
  const names = ['a', 'b', "it's", 'B'];
  await emulator.ingest(
    'AppMetrics',
    names.map((Name, index) => ({ Name, Sum: index })),
  );
  await emulator.remove('AppMetrics', 'Name == "b" or Sum > 2');
  assert.deepEqual(await rows(emulator, 'AppMetrics | project Name | sort by Name asc'), [['a'], ["it's"]]);
  await emulator.remove('AppMetrics', 'Name == "it\'s"');
  assert.equal(await emulator.count('AppMetrics'), 1);
  await assert.rejects(emulator.remove('AppMetrics', 'Nope == 1'), /'Nope' does not refer/);
});
