import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { compress } from '../src/core/formats/compress.ts';
import { parseSettings } from '../src/settings/settings.ts';
import { createPool, takeRows } from './rows.ts';
import { openStore } from './store.ts';
import { queryFrom, type Task, urlOf, type Work } from './task.ts';

/** As the exporter has them: lines on their way to gzip, and pieces of the decompressed answer. */
const LINES_BYTES = 160 * 1024;
const PIECE_BYTES = 128 * 1024;
const NAME = 'limit.jsonl.gz';

/** The answer is read, decompressed and dropped; meanwhile the lines, already there, are compressed and stored. */
export async function prepareLimit({ env, shape, rows, startMs }: Task): Promise<Work> {
  const store = await openStore(parseSettings(env).sink);
  const pool = createPool(shape);
  function* lines(): Generator<Uint8Array> {
    for (const { block, rows: count } of takeRows(pool, rows)) {
      const end = block.lineEnds[count - 1] ?? 0;
      for (let at = 0; at < end; at += LINES_BYTES) yield block.lines.subarray(at, Math.min(end, at + LINES_BYTES));
    }
  }
  return {
    async run() {
      await Promise.all([discardAnswer(env, startMs), store.create(NAME, compress(Readable.from(lines()), 'gzip'))]);
      return rows;
    },
    again: () => store.remove(NAME),
  };
}

async function discardAnswer(env: Task['env'], startMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const sent = request(urlOf(env), { method: 'POST', headers: { 'accept-encoding': 'gzip,deflate' } }, (response) => {
    pipeline(response, createGunzip({ chunkSize: PIECE_BYTES }), async (body) => {
      for await (const _ of body);
    }).then(resolve, reject);
  });
  sent.on('error', reject);
  sent.end(JSON.stringify({ query: queryFrom(startMs) }));
  await promise;
}
