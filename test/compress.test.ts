import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { compress } from '../src/core/formats/compress.ts';
import { createLines } from '../src/core/formats/lines.ts';

const line = Buffer.from('{"a":1}\n');

for (const [kind, decompress] of [
  ['gzip', gunzipSync],
  ['zstd', zstdDecompressSync],
] as const) {
  describe(kind, () => {
    it('gives back every line', async () => {
      const chunk = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `{"i":${i}}\n`).join(''));
      async function* lines() {
        for (let i = 0; i < 20; i += 1) yield chunk;
      }
      const compressed = Buffer.concat(await Array.fromAsync(compress(lines(), kind)));
      assert.ok(compressed.length < chunk.length * 10);
      assert.deepEqual(decompress(compressed), Buffer.concat(Array(20).fill(chunk)));
    });

    it('passes on the very error of the lines', async () => {
      const failure = new Error('not whole');
      async function* lines() {
        yield line;
        throw failure;
      }
      await assert.rejects(Array.fromAsync(compress(lines(), kind)), (error) => error === failure);
    });

    it('closes the lines when the consumer stops', { timeout: 10_000 }, async () => {
      const closed = Promise.withResolvers<void>();
      async function* lines() {
        try {
          for (let i = 0; ; i += 1) yield Buffer.from(`${Math.sin(i)}`.repeat(4000));
        } finally {
          closed.resolve();
        }
      }
      for await (const _ of compress(lines(), kind)) break;
      await closed.promise;
    });

    it('does not read ahead of a slow consumer without limit', async () => {
      let read = 0;
      async function* lines() {
        for (; read < 1000; read += 1)
          yield Buffer.from(Array.from({ length: 4000 }, (_, i) => `${Math.sin(read * i)}`).join());
      }
      const compressed = compress(lines(), kind)[Symbol.asyncIterator]();
      await compressed.next();
      const before = read;
      for (let i = 0; i < 100; i += 1) await new Promise(setImmediate);
      assert.ok(before < 50 && read < 50, `${read} chunks were read`);
      await compressed.return?.();
    });
  });
}

it('none is the lines themselves', () => {
  async function* lines() {
    yield line;
  }
  const same = lines();
  assert.equal(compress(same, 'none'), same);
});

it('a part ends in what says how to read it', () => {
  const extensions = (['gzip', 'none', 'zstd'] as const).map((kind) => createLines(kind).extension);
  assert.deepEqual(extensions, ['.jsonl.gz', '.jsonl', '.jsonl.zst']);
});
