import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { createColumnsRows } from '../src/core/formats/columns-rows.ts';
import type { Compression } from '../src/core/formats/compress.ts';
import { randomFrom } from './support/answer-random.ts';
import { rowsOf } from './support/batches.ts';
import { EXTREMES, randomRows, TYPES } from './support/parquet-cells.ts';

const UNPACK: Readonly<Record<Compression, (file: Buffer) => Buffer>> = {
  gzip: (file) => gunzipSync(file),
  none: (file) => file,
  zstd: (file) => zstdDecompressSync(file),
};

async function write(
  columns: readonly { name: string; type: string }[],
  rows: readonly string[][],
  compression: Compression = 'none',
  batchBytes?: number,
): Promise<string> {
  const chunks = await Array.fromAsync(createColumnsRows(compression).encode(rowsOf(columns, rows, batchBytes)));
  return UNPACK[compression](Buffer.concat(chunks)).toString();
}

const columns = [
  { name: 'A', type: 'long' },
  { name: 'B "quoted"', type: 'dynamic' },
];

describe('columns-rows', () => {
  it('is one object with the names of the columns and the rows, a row in a line', async () => {
    const rows = [
      ['9007199254740993', '"{\\"a\\":1}"'],
      ['null', 'null'],
    ];
    assert.equal(
      await write(columns, rows),
      '{"columns":["A","B \\"quoted\\""],"rows":[\n[9007199254740993,"{\\"a\\":1}"],\n[null,null]\n]}\n',
    );
  });

  it('without rows is an object too', async () => {
    assert.deepEqual(JSON.parse(await write(columns, [])), { columns: ['A', 'B "quoted"'], rows: [] });
  });

  it('holds every cell as it came', async () => {
    const length = Math.max(...Object.values(EXTREMES).map((cells) => cells.length));
    const rows = Array.from({ length }, (_, row) => TYPES.map((type) => EXTREMES[type]?.[row] ?? 'null'));
    const text = await write(
      TYPES.map((type) => ({ name: type, type })),
      rows,
    );
    assert.equal(text.split('\n').slice(1, -2).join(''), rows.map((row) => `[${row.join(',')}]`).join(','));
  });

  it('keeps a row in its line when a cell has line breaks between its tokens', async () => {
    const text = await write([{ name: 'D', type: 'dynamic' }], [['{\r\n "a": "x\\n" }'], ['[\n1\n]']]);
    assert.equal(text, '{"columns":["D"],"rows":[\n[{ "a": "x\\n" }],\n[[1]]\n]}\n');
  });

  for (const compression of ['gzip', 'none', 'zstd'] as const) {
    it(`of random rows is what JSON.parse makes of the cells, ${compression}`, async () => {
      for (let seed = 1; seed <= 10; seed += 1) {
        const random = randomFrom(seed * 4177);
        const { columns, rows } = randomRows(random);
        const found: unknown = JSON.parse(await write(columns, rows, compression, random.pick([1, 1000, 100_000])));
        const expected = JSON.parse(`[${rows.map((row) => `[${row.join(',')}]`).join(',')}]`);
        assert.deepEqual(found, { columns: columns.map(({ name }) => name), rows: expected }, `seed ${seed}`);
      }
    });
  }

  it('names its parts by their compression', () => {
    const extensions = (['gzip', 'none', 'zstd'] as const).map((kind) => createColumnsRows(kind).extension);
    assert.deepEqual(extensions, ['.json.gz', '.json', '.json.zst']);
  });

  it('closes the rows when the consumer stops early, and passes their error on', async () => {
    for (const compression of ['gzip', 'none', 'zstd'] as const) {
      const rows = rowsOf(
        columns,
        Array.from({ length: 50_000 }, (_, i) => [`${i}`, `"${Math.sin(i)}"`]),
        1000,
      );
      for await (const _ of createColumnsRows(compression).encode(rows)) break;
      await rows.closed;
      const reason = new Error('cut');
      async function* batches() {
        yield* rowsOf(columns, [['1', 'null']]).batches;
        throw reason;
      }
      const encoded = createColumnsRows(compression).encode({ columns, batches: batches() });
      await assert.rejects(Array.fromAsync(encoded), (error) => error === reason, compression);
    }
  });
});
