import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { HOUR_MS, useCliFolder } from './support/cli-folder.ts';

const use = useCliFolder();

test('status of an empty sink shows ten exports that have not begun', async () => {
  const { code, stdout, stderr } = await use.cli('status');
  assert.equal(stderr, '');
  assert.equal(stdout.split('\n').length, 12);
  assert.equal(stdout.match(/has not begun/g)?.length, 10);
  assert.equal(code, 0);
});

test('start creates a watermark once', async () => {
  use.answerLooks();
  const at = new Date(Date.now() - HOUR_MS).toISOString();
  const first = await use.cli('start', '--at', at, '--export', 'PAGEVIEWS');
  assert.equal(first.stdout, `pageViews: the next run begins at ${at}\n`);
  assert.equal(first.code, 0);
  const second = await use.cli('start', '--at', '2026-01-01T00:00:00Z', '--export', 'pageViews');
  assert.ok(second.stdout.startsWith(`pageViews: not started: it has a watermark already, exported until ${at}; `));
  assert.equal(second.code, 1);
  const state = JSON.parse((await use.cli('status', '--export', 'pageviews', '--json')).stdout);
  assert.equal(state.watermark, at);
});

test('start refuses a time before the end of a published part', async () => {
  use.answerLooks();
  const part = 'lake/traces/y=2026/m=11/d=01/h=00';
  await mkdir(use.path(part), { recursive: true });
  await writeFile(use.path(part, '20261101T000000.000Z_20261101T003000.000Z_5.jsonl.gz'), '');
  const early = await use.cli('start', '--at', '2026-11-01T00:29:59Z', '--export', 'traces');
  assert.match(early.stdout, /not started: there are parts until 2026-11-01T00:30:00\.000Z/);
  assert.equal(early.code, 1);
  assert.equal((await use.cli('start', '--at', '2026-11-01T00:30:00Z', '--export', 'traces')).code, 0);
  const begun = await use.cli('start', '--at', '2026-11-01T00:00:00Z', '--export', 'traces');
  assert.match(
    begun.stdout,
    /it has a watermark already, exported until 2026-11-01T00:30:00\.000Z; monitorlift backfill/,
  );
  assert.equal(begun.code, 1);
});

test('status says what is wrong and ends with 1', async () => {
  const old = new Date(Date.now() - 48 * HOUR_MS);
  const publishing = [{ staged: 'traces/_staging/a/1.staged', path: 'traces/b', rows: 1, bytes: 1, etag: 'x' }];
  await use.writeWatermark('requests');
  await use.writeWatermark('dependencies', { exportedUntil: old.toISOString() });
  await use.writeWatermark('exceptions', { source: '00000000-0000-0000-0000-000000000002' });
  await use.writeWatermark('traces', { publishing, updatedAt: old.toISOString() });
  await use.writeWatermark('pageViews', { exportedUntil: 'soon' });
  const { code, stdout } = await use.cli('status', '--json');
  const states = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const problems = new Map<string, string>(states.map((state) => [state.export, state.problems.join('; ')]));
  assert.equal(problems.get('requests'), '');
  assert.match(problems.get('dependencies') ?? '', /is behind: more than 20 min/);
  assert.match(problems.get('exceptions') ?? '', /belongs to workspace 0.*2$/);
  assert.match(problems.get('traces') ?? '', /ended before it had published 1 part/);
  assert.match(problems.get('pageViews') ?? '', /"exportedUntil": "soon"/);
  assert.equal(problems.get('browserTimings'), '');
  assert.equal(code, 1);
});

test('check names each part that fails and ends with 1', async () => {
  use.silent.once('request', (_, response) =>
    response.writeHead(403).end('{"error":{"code":"InsufficientAccessError"}}'),
  );
  const { code, stdout } = await use.cli('check', '--export', 'traces');
  assert.match(stdout, /^ok {3}settings: /m);
  assert.match(stdout, /^ok {3}sink: writes, renames, reads and deletes, and keeps conditions$/m);
  assert.match(stdout, /^FAIL traces: .*Log Analytics/m);
  assert.equal(code, 1);
  const left = await readdir(use.path('lake/traces'), { recursive: true });
  assert.deepEqual(
    left.filter((name) => name !== '_staging'),
    [],
  );
});
