import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLake } from '../src/core/lake/lake.ts';
import type { Store } from '../src/core/lake/store.ts';
import { MINUTE_MS } from '../src/core/window.ts';
import { firstPosition } from './support/first-position.ts';
import { createMemoryStore } from './support/memory-store.ts';
import { plainLines } from './support/plain-lines.ts';
import { rowsOf } from './support/rows.ts';

const START_MS = Date.UTC(2026, 10, 22, 14);
const log = { debug() {}, info() {}, warn() {}, error() {} };

test('a window that cannot be staged while an earlier one is committed fails for its own reason', async () => {
  const inner = createMemoryStore();
  const moved = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  let isHeld = false;
  const store: Store = {
    ...inner,
    async replace(path, ...rest) {
      const etag = await inner.replace(path, ...rest);
      if (!isHeld || !path.endsWith('_watermark.json')) return etag;
      moved.resolve();
      await answered.promise;
      return etag;
    },
    async create(path, content) {
      if (isHeld && path.endsWith('.staged')) throw new Error('the disk is full');
      return inner.create(path, content);
    },
  };
  const lake = createLake({ store, format: plainLines, now: () => START_MS + 10 * MINUTE_MS });
  const first = firstPosition(START_MS);
  await lake.begin('requests', first, { runId: 'run1', log });
  const session = await lake.open('requests', { runId: 'run2', log });
  assert.ok(session);
  const stage = (minute: number) => {
    const startMs = START_MS + minute * MINUTE_MS;
    return session.stage({ window: { startMs, endMs: startMs + MINUTE_MS } }, rowsOf(['ItemId'], [{ ItemId: 'a' }]));
  };
  const part = await stage(0);
  assert.ok(part);
  isHeld = true;
  const commit = session.commit({ ...first, exportedUntilMs: START_MS + MINUTE_MS }, [part]);
  await moved.promise;
  await assert.rejects(stage(1), /the disk is full/);
  answered.resolve();
  await commit;
  await session.close();
});
