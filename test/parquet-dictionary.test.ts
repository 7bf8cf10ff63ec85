import assert from 'node:assert/strict';
import { it } from 'node:test';
import { newBuffered } from '../src/core/formats/parquet/buffer.ts';
import { hashOf } from '../src/core/formats/parquet/dictionary.ts';
import { appendText } from '../src/core/formats/parquet/text.ts';
import { chunksOf, uncompressed, write, writeColumn } from './support/parquet-file.ts';
import { readWithDuckDb } from './support/parquet-readers.ts';

const cells = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => `"${text(index)}"`);
const repeated = cells(200_000, (i) => `a value that comes often ${(i * 7) % 5}`);
const unique = cells(100_000, (i) => `a value that comes once ${i * 7919}`);

/** Writes the cells with some nulls between them, and reads them back. Returns what the footer says of them. */
async function checkChunk(texts: readonly string[]) {
  const withNulls = texts.flatMap((cell, i) => (i % 100 === 0 ? [cell, 'null'] : [cell]));
  const file = await writeColumn('string', withNulls, uncompressed);
  const found = (await readWithDuckDb(file)).map(([cell]) => cell);
  assert.equal(found.length, withNulls.length);
  const wrong = found.findIndex((cell, i) => cell !== withNulls[i]);
  assert.equal(wrong, -1, `row ${wrong}: found ${found[wrong]}, expected ${withNulls[wrong]}`);
  const [chunk, ...more] = chunksOf(file);
  assert.ok(chunk && more.length === 0);
  const hasDictionary = chunk.dictionary_page_offset !== undefined;
  assert.equal(chunk.encodings.includes('RLE_DICTIONARY'), hasDictionary);
  const dictionaryBytes = Number(chunk.data_page_offset - (chunk.dictionary_page_offset ?? chunk.data_page_offset));
  return { hasDictionary, dictionaryBytes, bytes: Number(chunk.total_uncompressed_size) };
}

it('strings that repeat are written once', async () => {
  const { hasDictionary, dictionaryBytes, bytes } = await checkChunk(repeated);
  assert.ok(hasDictionary);
  assert.ok(dictionaryBytes > 100 && dictionaryBytes < 300, `${dictionaryBytes}`);
  assert.ok(bytes < 200_000, `${bytes}`);
});

it('they need not repeat at once', async () => {
  const { hasDictionary, dictionaryBytes } = await checkChunk(cells(60_000, (i) => `${i % 8000}`));
  assert.ok(hasDictionary && dictionaryBytes > 60_000);
});

for (const [name, texts] of [
  ['strings that do not repeat are written plainly', unique],
  ['so is a single one', ['"x"']],
  ['so are those that repeat after that', [...unique.slice(0, 10_000), ...repeated]],
  ['so are those that are too many, although they repeat', cells(60_000, (i) => `${i % 20_000}`)],
] as const) {
  it(name, async () => assert.equal((await checkChunk(texts)).hasDictionary, false));
}

it('a dictionary stays for what came before strings stopped to repeat', async () => {
  const { hasDictionary, dictionaryBytes, bytes } = await checkChunk([...repeated.slice(0, 100_000), ...unique]);
  assert.ok(hasDictionary && dictionaryBytes < 300, `${dictionaryBytes}`);
  assert.ok(bytes > 2_000_000, `${bytes}`);
});

it('a dictionary grows to a megabyte at most', async () => {
  const { hasDictionary, dictionaryBytes, bytes } = await checkChunk(
    cells(3000, (i) => `${i >> 2}${'x'.repeat(3000)}`),
  );
  assert.ok(hasDictionary && dictionaryBytes > 500_000 && dictionaryBytes < 1_100_000, `${dictionaryBytes}`);
  assert.ok(bytes > 4_000_000, `${bytes}`);
});

it('a dictionary is of one row group', async () => {
  const columns = ['string', 'string'].map((type, index) => ({ name: `C${index}`, type }));
  const pad = `"${'x'.repeat(1_000_000)}"`;
  const rows = Array.from({ length: 80 }, (_, row) => [`"${String(row >> 4).repeat(10_000)}"`, pad]);
  const file = await write(columns, rows);
  const sizes = chunksOf(file).map(({ total_uncompressed_size }) => total_uncompressed_size);
  assert.ok(sizes.length > 1);
  assert.ok(
    sizes.every((size) => size < 35_000),
    `${sizes}`,
  );
  assert.deepEqual(await readWithDuckDb(file), rows);
});

it('strings with one hash stay apart', async () => {
  const byHash = new Map<number, string>();
  const texts = newBuffered();
  const same: string[] = [];
  for (let i = 0; same.length < 20; i += 1) {
    const cell = Buffer.from(`"${i}"`);
    const start = texts.at;
    appendText(cell, 0, cell.length, texts);
    const hash = hashOf(texts, start);
    const other = byHash.get(hash);
    if (other === undefined) byHash.set(hash, `"${i}"`);
    else same.push(other, `"${i}"`);
  }
  assert.ok((await checkChunk([...same, ...same, ...same])).hasDictionary);
});
