import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogs } from '../src/azure/logs/logs.ts';
import { runExport } from '../src/core/exporter.ts';
import { openTable } from '../src/core/table.ts';
import { openKeys } from '../src/core/tally.ts';
import { formatIso, HOUR_MS, MINUTE_MS } from '../src/core/window.ts';
import { startLogsEmulator } from '../src/local/logs/emulator.ts';
import { createMemoryStore, type MemoryStore } from './support/memory-store.ts';
import { startReceiver } from './support/receiver.ts';
import { openScene } from './support/rest-scene.ts';

const OPTIONS = {
  name: 'requests',
  lagMs: 5 * MINUTE_MS,
  lookbackMs: HOUR_MS,
  windowMs: HOUR_MS,
  budgetMs: 240_000,
  auditMs: 2 * HOUR_MS,
  windowsAtOnce: 1,
};
const HOUR = Date.UTC(2026, 10, 22, 14);

interface SeenWatermark {
  readonly claims: readonly { readonly rows: number }[];
}

/** As if Logs had lost rows since they were exported. */
async function changeWatermark(store: MemoryStore, claims: (watermark: SeenWatermark) => object[]): Promise<void> {
  const path = 'requests/_watermark.json';
  const watermark = JSON.parse((await store.read(path))?.text ?? '');
  await store.remove(path);
  await store.replace(
    path,
    JSON.stringify({ ...watermark, claims: claims(watermark) }),
    undefined,
    'requests/_staging/x',
  );
}

test('rows that became visible late are reported with their hour and number, those that Logs has lost too, and nothing is delivered', async () => {
  let nowMs = HOUR + 2 * HOUR_MS;
  const emulator = await startLogsEmulator({ now: () => nowMs });
  await using receiver = await startReceiver();
  const store = createMemoryStore();
  const { sink, messages } = openScene(store, {
    url: receiver.url,
    authorization: undefined,
    audience: undefined,
    credential: undefined,
  });
  const note = (message: string) => void messages.push(message);
  let runs = 0;
  const logs = createLogs({ endpoint: new URL(emulator.endpoint), credential: undefined });
  const run = async () =>
    runExport(
      OPTIONS,
      {
        sink,
        table: openTable(logs, emulator.workspaceId, { table: 'AppRequests', rest: '' }, () => nowMs),
        keys: await openKeys(),
        log: { debug: note, info: note, warn: note, error: note },
        clock: { now: () => nowMs, elapsed: () => 0 },
        newRunId: () => `audited${++runs}`,
      },
      new AbortController().signal,
    );
  const ingest = (minute: number, ...names: string[]) => {
    const ingestionTicks = formatIso(HOUR + minute * MINUTE_MS).replace('Z', '0000Z');
    return emulator.ingest(
      'AppRequests',
      names.map((Name) => ({ Name })),
      { ingestionTicks },
    );
  };

  try {
    await ingest(70, 'a', 'b');
    await ingest(100, 'c');
    await run();
    const posts = receiver.posts.length;
    assert.equal([...receiver.taken.values()].flat().length, 3);
    await ingest(80, 'late', 'later');
    await changeWatermark(store, ({ claims }) =>
      claims.map((claim, index) => (index > 0 ? claim : { ...claim, rows: 7 })),
    );
    nowMs += 3 * HOUR_MS;
    const report = await run();
    assert.deepEqual(report.audited, { complete: 0, fewer: 1, taken: 0, late: 1 });
    assert.equal(receiver.posts.length, posts);
    assert.match(
      messages.join('\n'),
      /requests: 2 rows of the hour from 2026-11-22T15:00:00\.000Z became visible late, not exported/,
    );
    const verdicts = await sink.verdicts('requests', HOUR);
    assert.deepEqual(
      verdicts.map(({ verdict, rows, counted }) => [verdict, rows, counted]),
      [
        ['fewer', 7, 0],
        ['late', 3, 5],
      ],
    );
    const { claims } = JSON.parse((await store.read('requests/_watermark.json'))?.text ?? '');
    assert.ok(!claims.some(({ from }: { from: string }) => from < '2026-11-22T16'), 'the hour is not recounted again');
  } finally {
    await emulator.close();
  }
});
