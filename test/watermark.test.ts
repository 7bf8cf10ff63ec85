import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunError } from '../src/core/exporter.ts';
import { createLogs, createStore, PATH, putWatermark, readFile, run } from './support/exporter-scene.ts';

test('a watermark that cannot be understood fails the run and stays as it is', async () => {
  for (const [text, found] of [
    ['{"version":2,', /not JSON/],
    ['[]', /found \[\], expected a JSON object/],
    ['{"version":3}', /"version": 3, expected 2/],
  ] as const) {
    const store = createStore();
    await putWatermark(store, {}, text);
    const { logs, asked } = createLogs([]);
    await assert.rejects(run(store, logs), (error: unknown) => {
      assert.ok(error instanceof RunError);
      assert.match(error.message, /requests\/_watermark\.json/);
      assert.match(error.message, found);
      return error.report.outcome === 'failed';
    });
    assert.equal((await store.read(PATH))?.text, text);
    assert.deepEqual(asked, []);
  }
});

test('each damaged field is named with what was expected', async () => {
  for (const fields of [
    { export: 'traces' },
    { source: 5 },
    { exportedUntil: '2026-11-22T14:00:00.0001Z' },
    { exportedUntil: '22.11.2026' },
    { windowMs: 0 },
    { publishing: {} },
    { publishing: [{ staged: 'other/x', path: 'requests/x', rows: 1, bytes: 1, etag: 'e' }] },
    { publishing: [{ staged: 'requests/_staging/../../x', path: 'requests/x', rows: 1, bytes: 1, etag: 'e' }] },
    { commit: -1 },
    { look: { itemId: 5, ingestionTime: 'IngestionTime', proven: true } },
    { exportedFrom: 'yesterday' },
    { runId: '' },
    { updatedAt: null },
  ]) {
    const store = createStore();
    await putWatermark(store, fields);
    const [name] = Object.keys(fields);
    await assert.rejects(run(store, createLogs([]).logs), new RegExp(`found "${name}.*, expected`));
  }
});

test('a watermark that was deleted is not made anew beside parts', async () => {
  const store = createStore();
  const { logs } = createLogs([{ id: 1, at: '2026-11-22T14:01:00.000Z' }]);
  await putWatermark(store);
  await run(store, logs);
  await store.remove(PATH);
  await assert.rejects(run(store, logs), /monitorlift start --export requests --at 2026-11-22T14:14:59\.000Z/);
  assert.equal(await store.read(PATH), undefined);
});

test("another workspace's watermark fails the run, and both are named", async () => {
  const store = createStore();
  await putWatermark(store, { source: 'first' });
  await assert.rejects(run(store, createLogs([]).logs), /workspace first, but the settings name workspace workspace/);
});

test('a changed query is logged', async () => {
  const store = createStore();
  await putWatermark(store, { query: 'AppRequests | where Success' });
  const { messages } = await run(store, createLogs([]).logs);
  assert.match(messages.join('\n'), /the query has changed and holds from 2026-11-22T14:00:00.000Z on/);
});

test('a watermark beyond the shortest retention gets one warning that names the range', async () => {
  const store = createStore();
  await putWatermark(store, { exportedUntil: '2026-10-01T00:00:00.000Z' });
  const { messages } = await run(store, createLogs([]).logs);
  const warnings = messages.filter((message) => message.includes('may be gone'));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /from 2026-10-01T00:00:00\.000Z to 2026-10-23T14:20:00\.000Z/);
});

test('a watermark of the first version is read, looked at once, and becomes one of the second', async () => {
  const store = createStore();
  await putWatermark(store, { version: 1, commit: undefined, look: undefined });
  const { logs, asked } = createLogs([{ id: 1, at: '2026-11-22T14:01:00.000Z' }]);
  await run(store, logs);
  assert.equal(asked.filter((kql) => kql.endsWith('| take 1')).length, 1);
  const { version, commit, exportedFrom, look } = await readFile(store);
  assert.deepEqual([version, exportedFrom, look.proven], [2, undefined, true]);
  assert.ok(commit >= 1);
});

test('a watermark in the future is said, and nothing is exported', async () => {
  const store = createStore();
  await putWatermark(store, { exportedUntil: '2026-11-22T19:20:00.000Z' });
  const { report, messages } = await run(store, createLogs([]).logs);
  assert.equal(report.queries, 0);
  assert.match(messages.join('\n'), /the watermark, 2026-11-22T19:20:00.000Z, lies in the future/);
});
