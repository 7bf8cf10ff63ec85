import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { createChunks } from '../src/core/formats/chunks.ts';
import { compress } from '../src/core/formats/compress.ts';

test('a chunk that was given back is taken again, if it is large enough', () => {
  const chunks = createChunks();
  const [first, second] = [chunks.take(40_000), chunks.take(40_000)];
  assert.notEqual(first, second);
  chunks.give(first.subarray(0, 10));
  assert.equal(chunks.take(50_000), first);
  chunks.give(second);
  assert.ok(chunks.take(1_000_000).length >= 1_000_000);
});

test('huge chunks, and more than some, are not kept', () => {
  const chunks = createChunks();
  const huge = chunks.take(16 * 1024 * 1024);
  chunks.give(huge);
  assert.notEqual(chunks.take(16 * 1024 * 1024), huge);
  const many = Array.from({ length: 200 }, () => chunks.take(64 * 1024));
  for (const chunk of many) chunks.give(chunk);
  const kept = new Set(many).intersection(new Set(Array.from({ length: 200 }, () => chunks.take(64 * 1024))));
  assert.equal(kept.size, 128);
});

test('a few lines take no more than they are', () => {
  assert.equal(createChunks().take(500).buffer.byteLength, 500);
});

test('memory of others is not taken', () => {
  const chunks = createChunks();
  // A small buffer is a piece of one that all of Node uses.
  chunks.give(Buffer.from('text'));
  const taken = chunks.take(4);
  assert.equal(taken.byteOffset, 0);
  assert.notEqual(taken.buffer, Buffer.from('text').buffer);
});

test('what is being compressed is not filled anew', async () => {
  const chunks = createChunks();
  const made = new Set<ArrayBufferLike>();
  async function* lines() {
    for (let i = 0; i < 300; i += 1) {
      const chunk = chunks.take(60_000);
      made.add(chunk.buffer);
      for (let at = 0; at < 60_000; at += 4) chunk.writeInt32LE(Math.imul(at + i, 0x9e3779b1) ^ i, at);
      yield chunk.subarray(0, 60_000);
    }
  }
  const found = gunzipSync(Buffer.concat(await Array.fromAsync(compress(lines(), 'gzip', chunks))));
  assert.equal(found.length, 300 * 60_000);
  for (let i = 0, from = 0; i < 300; i += 1, from += 60_000) {
    for (let at = 0; at < 60_000; at += 400)
      assert.equal(found.readInt32LE(from + at), Math.imul(at + i, 0x9e3779b1) ^ i);
  }
  assert.ok(made.size < 60, `${made.size} chunks were made`);
});
