import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConflictError } from '../src/core/lake/store.ts';
import { createMemoryStore } from './support/memory-store.ts';

test('the store in memory announces every effect before it happens', async () => {
  const labels: string[] = [];
  const store = createMemoryStore({ step: async (label) => void labels.push(label) });
  await store.replace('w', 'one', undefined, 's/via');
  await assert.rejects(store.replace('w', 'two', 'wrong', 's/via'), ConflictError);
  await store.rename('w', 'x', (await store.stat('w'))?.etag ?? '');
  assert.deepEqual(labels, [
    'create s/via',
    'flush s/via',
    'move s/via w',
    'create s/via',
    'flush s/via',
    'move s/via w',
    'remove s/via',
    'rename w x',
  ]);
});

test('the store in memory has what happened before the crash, and nothing of what comes after', async () => {
  for (const [crash, expected] of [
    ['create s/via', []],
    ['flush s/via', [['s/via', '']]],
    ['move s/via w', [['s/via', 'one']]],
  ] as const) {
    let isDead = false;
    const store = createMemoryStore({
      step: async (label) => {
        isDead ||= label === crash;
        if (isDead) throw new Error('crashed');
      },
    });
    await assert.rejects(store.replace('w', 'one', undefined, 's/via'), /crashed/);
    const files = [...store.files].map(([path, { content }]) => [path, new TextDecoder().decode(content)]);
    assert.deepEqual(files, expected);
  }
});

test('the store in memory checks a condition in the instant of the effect', async () => {
  const store = createMemoryStore({
    step: async (label) => {
      if (label === 'move s/1 w') await store.replace('w', 'other', undefined, 's/2');
    },
  });
  await assert.rejects(store.replace('w', 'one', undefined, 's/1'), ConflictError);
  assert.equal((await store.read('w'))?.text, 'other');
});
