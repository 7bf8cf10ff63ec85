import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readColumn } from '../src/core/formats/column.ts';
import { createColumnsRows } from '../src/core/formats/columns-rows.ts';
import { compress } from '../src/core/formats/compress.ts';
import type { Format } from '../src/core/formats/format.ts';
import { createLines } from '../src/core/formats/lines.ts';
import { createParquet } from '../src/core/formats/parquet/parquet.ts';
import type { Column } from '../src/core/rows.ts';
import { rowsOf } from './support/batches.ts';

interface Way {
  readonly name: string;
  readonly extension: string;
  write(columns: readonly Column[], rows: readonly string[][]): AsyncIterable<Uint8Array>;
}

async function* linesOf(columns: readonly Column[], rows: readonly string[][]): AsyncGenerator<Uint8Array> {
  const members = (row: readonly string[]) => columns.map(({ name }, i) => `${JSON.stringify(name)}:${row[i]}`);
  yield Buffer.from(rows.map((row) => `{${members(row).join(',')}}\n`).join(''));
}

const ways = (['gzip', 'none', 'zstd'] as const).flatMap((compression): Way[] => [
  {
    name: `lines, ${compression}`,
    extension: createLines(compression).extension,
    write: (columns, rows) => compress(linesOf(columns, rows), compression),
  },
  wayOf(`columns-rows, ${compression}`, createColumnsRows(compression)),
  wayOf(`parquet, ${compression}`, createParquet({ timestamps: 'micros', compression })),
]);

function wayOf(name: string, { extension, encode }: Format): Way {
  return { name, extension, write: (columns, rows) => encode(rowsOf(columns, rows)) };
}

const columns = [
  { name: 'Number', type: 'long' },
  { name: 'a.b', type: 'string' },
  { name: 'ItemId', type: 'string' },
  { name: '__proto__', type: 'string' },
];
const texts = ['"a"', 'null', '""', '"\\ufeffmark é😀 \\u0000\\n\\u2028]}"', '"]}"', '"\\"ItemId\\":\\"x\\""'];

/** The file in pieces of a few bytes. */
async function* inPieces(file: Uint8Array, bytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += bytes) yield file.subarray(at, at + bytes);
}

for (const way of ways) {
  describe(`a column of ${way.name}`, () => {
    const readPart = (part: AsyncIterable<Uint8Array>, column: string) =>
      readColumn(`part${way.extension}`, part, column);
    const read = async (rows: readonly string[][], column: string) =>
      await Array.fromAsync(readPart(way.write(columns, rows), column));

    it('comes back cell by cell', async () => {
      const rows = texts.map((text, i) => [`${i}`, '"other"', text, '"p"']);
      const expected = texts.map((text): string | undefined => JSON.parse(text) ?? undefined);
      assert.deepEqual(await read(rows, 'ItemId'), expected);
      assert.deepEqual(
        await read(rows, 'a.b'),
        texts.map(() => 'other'),
      );
      assert.deepEqual(
        await read(rows, '__proto__'),
        texts.map(() => 'p'),
      );
    });

    it('comes back from 60,000 rows, in pieces of any size', async () => {
      const rows = Array.from({ length: 60_000 }, (_, i) => [
        `${i}`,
        `"${'pad '.repeat(i % 50)}"`,
        `"id ${i}"`,
        'null',
      ]);
      const file = Buffer.concat(await Array.fromAsync(way.write(columns, rows)));
      const found = await Array.fromAsync(readPart(inPieces(file, 10_007), 'ItemId'));
      assert.equal(found.length, rows.length);
      assert.ok(found.every((id, i) => id === `id ${i}`));
    });

    it('is refused when it is not there or has no strings', async () => {
      const rows = [['1', '"x"', '"y"', '"z"']];
      await assert.rejects(read(rows, 'itemid'), /column "itemid".*found no such column, expected/);
      await assert.rejects(read(rows, 'Number'), /column "Number".*found (a number|INT64), expected/);
      await assert.rejects(read(rows, 'toString'), /found no such column/);
    });

    it('is not taken for whole when the part is cut', async () => {
      const rows = Array.from({ length: 2000 }, (_, i) => [`${i}`, `"${Math.sin(i)}"`, `"${Math.cos(i)}"`, 'null']);
      const file = Buffer.concat(await Array.fromAsync(way.write(columns, rows)));
      for (const length of [file.length - 12, Math.floor(file.length / 2), 5]) {
        await assert.rejects(
          Array.fromAsync(readPart(inPieces(file.subarray(0, length), 1000), 'ItemId')),
          `${length}`,
        );
      }
    });

    it('closes the part when the consumer stops early', async () => {
      const rows = Array.from({ length: 2000 }, (_, i) => [`${i}`, '"x"', `"${Math.cos(i)}"`, 'null']);
      const file = Buffer.concat(await Array.fromAsync(way.write(columns, rows)));
      const { promise: closed, resolve } = Promise.withResolvers<void>();
      async function* part() {
        try {
          yield* inPieces(file, 100);
        } finally {
          resolve();
        }
      }
      for await (const _ of readPart(part(), 'ItemId')) break;
      await closed;
    });

    it('passes on an error of the part', async () => {
      const reason = new Error('gone');
      async function* part() {
        yield* [];
        throw reason;
      }
      await assert.rejects(Array.fromAsync(readPart(part(), 'ItemId')), (error) => error === reason);
    });
  });
}
