import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BlockStore, UnansweredError } from '../src/core/lake/blocks.ts';
import { createFlat } from '../src/core/lake/flat.ts';
import { createLake } from '../src/core/lake/lake.ts';
import { publishBlocks } from '../src/core/lake/publish-blocks.ts';
import { stageBlocks } from '../src/core/lake/stage-blocks.ts';
import { type CommittedPart, formatWatermark, readWatermark } from '../src/core/lake/watermark.ts';
import type { Position } from '../src/core/sink.ts';
import { DAY_MS } from '../src/core/window.ts';
import { createMemoryBlocks } from './support/memory-blocks.ts';
import { createMemoryStore } from './support/memory-store.ts';
import { plainLines } from './support/plain-lines.ts';
import { rowsOf } from './support/rows.ts';

const START_MS = Date.UTC(2026, 10, 22, 14);
const WINDOW = { startMs: START_MS, endMs: START_MS + 60_000 };
const KEY = { window: WINDOW };
const PATH = 'requests/y=2026/m=11/d=22/h=14/20261122T140000.000Z_20261122T140100.000Z';
const PART = { path: `${PATH}.jsonl`, rows: 2, bytes: 3, blocks: ['one'] };
const rows = () => rowsOf(['ItemId'], [{ ItemId: 'a' }, { ItemId: 'b' }]);

function createLog() {
  const warnings: string[] = [];
  return { warnings, debug() {}, info() {}, warn: (text: string) => void warnings.push(text), error() {} };
}

function blocksOf(store: BlockStore, pauses: number[] = []) {
  return { store, format: plainLines, pause: async (attempts: number) => void pauses.push(attempts) };
}

test('the names of parts tell buckets and late parts apart, and rows stand beside them', async () => {
  const blocks = blocksOf(createMemoryBlocks());
  const staged = await stageBlocks(blocks, 'requests', KEY, 7, rows());
  assert.deepEqual({ ...staged, blocks: 1 }, { path: `${PATH}.jsonl`, rows: 2, bytes: 30, blocks: 1 });
  const bucket = await stageBlocks(blocks, 'requests', { ...KEY, bucket: { index: 0, of: 4 } }, 7, rows());
  assert.equal(bucket?.path, `${PATH}_p1of4.jsonl`);
  const late = await stageBlocks(blocks, 'requests', { ...KEY, isLate: true }, 7, rows());
  assert.equal(late?.path, `${PATH}_late7.jsonl`);
  assert.equal(await stageBlocks(blocks, 'requests', KEY, 7, rowsOf(['ItemId'], [])), undefined);
});

test('a block without an answer is sent again under a new id, of the same length, four times at most', async () => {
  const memory = createMemoryBlocks();
  for (const failing of [0, 1, 3, 4]) {
    const ids: string[] = [];
    const pauses: number[] = [];
    const store = {
      ...memory,
      async putBlock(path: string, id: string, content: Uint8Array) {
        ids.push(id);
        await memory.putBlock(path, id, content);
        if (ids.length <= failing) throw new UnansweredError('lost');
      },
    };
    const staging = stageBlocks(blocksOf(store, pauses), 'requests', KEY, 1, rows());
    if (failing === 4) await assert.rejects(staging, { name: 'StageError', message: 'lost' });
    else assert.deepEqual((await staging)?.blocks, ids.slice(-1));
    assert.equal(new Set(ids).size, Math.min(failing + 1, 4));
    assert.ok(ids.every((id) => id.length === 24));
    assert.deepEqual(pauses, [1, 2, 3].slice(0, failing));
  }
});

test('content is cut into blocks of 4 MiB, in order', async () => {
  const store = createMemoryBlocks();
  const chunk = Buffer.alloc(1_000_003, 'x');
  const format = {
    extension: '.jsonl',
    async *encode() {
      for (let index = 0; index < 9; index++) yield Buffer.from(chunk).fill(String(index), 0, 1);
    },
  };
  const part = await stageBlocks({ ...blocksOf(store), format }, 'requests', KEY, 1, rows());
  assert.deepEqual([part?.bytes, part?.blocks.length], [9_000_027, 3]);
  await publishBlocks(store, part ?? assert.fail(), 0, createLog());
  const content = Buffer.from(store.files.get(`${PATH}.jsonl`)?.content ?? []);
  assert.equal(content.toString().replaceAll('x', ''), '012345678');
});

test('blocks that are gone have been published; after six days they may have expired, and a warning says so', async () => {
  const store = createMemoryBlocks();
  const log = createLog();
  await publishBlocks(store, PART, 5 * DAY_MS, log);
  assert.deepEqual(log.warnings, []);
  await publishBlocks(store, PART, 8 * DAY_MS, log);
  assert.match(
    log.warnings.join(),
    /T140100.*\(2 rows\) was committed 8 days ago .* seven days.*export that window again/,
  );
});

test('a part that is there is published; another file under its name stops the run and is not overwritten', async () => {
  const store = createMemoryBlocks();
  await store.putBlock(PART.path, 'one', Buffer.from('abc'));
  await publishBlocks(store, PART, 0, createLog());
  await publishBlocks(store, PART, 0, createLog());
  const other = { ...PART, bytes: 4 };
  const told = /is another file \(found 3 bytes, expected 4\) and is not overwritten: move it away/;
  await assert.rejects(publishBlocks(store, other, 0, createLog()), told);
});

test('any other answer to a list proves nothing', async () => {
  const memory = createMemoryBlocks();
  await memory.putBlock(PART.path, 'one', Buffer.from('abc'));
  const lost = new Error('lost');
  const failing = (arrives: boolean) => ({
    ...memory,
    async putList(path: string, ids: readonly string[], count: number) {
      if (arrives) await memory.putList(path, ids, count);
      throw lost;
    },
  });
  const failed = publishBlocks(failing(false), PART, 9 * DAY_MS, createLog());
  await assert.rejects(failed, { message: /cannot be published; the next run tries again/, cause: lost });
  await publishBlocks(failing(true), PART, 9 * DAY_MS, createLog());
});

test('a watermark keeps the blocks, and the sink of the other kind does not touch its parts', async () => {
  const position: Position = {
    ...{ export: 'requests', source: 'workspace', query: 'AppRequests', exportedFromMs: START_MS },
    ...{ exportedUntilMs: START_MS, windowMs: 5000, look: undefined, claims: [], backfills: [] },
  };
  const file = { path: 'requests/a.jsonl', rows: 1, bytes: 3, staged: 'requests/_staging/a/1.staged', etag: 'v1' };
  const textOf = (part: CommittedPart) =>
    formatWatermark({ position, publishing: [part], commit: 3, runId: 'other', updatedAtMs: START_MS });
  const holder = { runId: 'run', log: createLog() };

  const lake = createMemoryStore();
  await lake.replace('requests/_watermark.json', textOf(PART), undefined, 'requests/_staging/0-a/1.staged');
  assert.deepEqual((await readWatermark(lake, 'requests'))?.publishing, [PART]);
  const inLake = await createLake({ store: lake, format: plainLines, now: Date.now }).open('requests', holder);
  await assert.rejects(inLake?.publish() ?? assert.fail(), /committed as blocks of a flat account/);

  const flat = createMemoryBlocks();
  await flat.replace('requests/_watermark.json', textOf(file), undefined, '');
  const inFlat = await createFlat({ ...blocksOf(flat), now: Date.now }).open('requests', holder);
  await assert.rejects(inFlat?.publish() ?? assert.fail(), /committed as the staged file requests\/_staging/);
});
