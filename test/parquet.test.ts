import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Compression } from '../src/core/formats/compress.ts';
import { createParquet } from '../src/core/formats/parquet/parquet.ts';
import type { Column } from '../src/core/rows.ts';
import { randomFrom } from './support/answer-random.ts';
import { rowsOf } from './support/batches.ts';
import { EXTREMES, randomRows, TYPES } from './support/parquet-cells.ts';
import { type CellTexts, readWithDuckDb, readWithHyparquet } from './support/parquet-readers.ts';
import { referenceCell } from './support/parquet-reference.ts';

interface Options {
  readonly timestamps?: 'micros' | 'nanos';
  readonly compression?: Compression;
  readonly batchBytes?: number;
}

/** Writes the rows and holds what both readers find in the file against them, cell by cell. */
async function check(columns: readonly Column[], rows: readonly string[][], options: Options = {}): Promise<void> {
  const { timestamps = 'micros', compression = 'zstd', batchBytes } = options;
  const format = createParquet({ timestamps, compression });
  const file = Buffer.concat(await Array.fromAsync(format.encode(rowsOf(columns, rows, batchBytes))));
  const unitsPerSecond = timestamps === 'micros' ? 1_000_000 : 1_000_000_000;
  const expected = rows.map((row) => columns.map((column, i) => referenceCell(column, row[i] ?? '', unitsPerSecond)));
  assertSame(await readWithHyparquet(file), expected, 'hyparquet');
  assertSame(await readWithDuckDb(file), timestamps === 'micros' ? expected : inDuckDb(columns, expected), 'DuckDB');
}

/** DuckDB has no nanoseconds in UTC, and cuts them off towards 1970. */
function inDuckDb(columns: readonly Column[], expected: CellTexts): CellTexts {
  const cut = (cell: string, index: number) =>
    columns[index]?.type === 'datetime' && cell !== 'null' ? String(BigInt(cell) / 1000n) : cell;
  return expected.map((row) => row.map(cut));
}

function assertSame(found: CellTexts, expected: CellTexts, reader: string): void {
  assert.equal(found.length, expected.length, reader);
  for (const [index, row] of expected.entries()) assert.deepEqual(found[index], row, `${reader}, row ${index}`);
}

/** All types side by side: each column has its extremes, and nulls where `isNull` says so. */
function extremes(length: number, isNull: (row: number, column: number) => boolean): [Column[], string[][]] {
  const columns = TYPES.map((type) => ({ name: type, type }));
  const rows = Array.from({ length }, (_, row) =>
    TYPES.map((type, column) => {
      const cells = EXTREMES[type] ?? [];
      return isNull(row, column) ? 'null' : (cells[row % cells.length] ?? 'null');
    }),
  );
  return [columns, rows];
}

describe('every type, read back by DuckDB and hyparquet', () => {
  for (const timestamps of ['micros', 'nanos'] as const) {
    for (const compression of ['zstd', 'gzip', 'none'] as const) {
      it(`extremes and nulls, ${timestamps}, ${compression}`, async () => {
        await check(...extremes(100, (row, column) => (row + column) % 3 === 0), { timestamps, compression });
      });
    }
  }
  it('without a null', async () => check(...extremes(40, () => false)));
  it('with nothing but nulls', async () => check(...extremes(40, () => true)));
  it('no rows', async () => check(...extremes(0, () => false)));
  it('one row', async () => check(...extremes(1, () => false)));
  it('one row of nulls', async () => check(...extremes(1, () => true)));
  it('columns that are always null beside others', async () => check(...extremes(30, (_, column) => column % 2 === 0)));
  it('each row a batch of its own', async () => check(...extremes(60, (row) => row % 7 === 0), { batchBytes: 1 }));
  it('times that microseconds hold and nanoseconds do not', async () => {
    const cells = ['"0001-01-01T00:00:00Z"', '"9999-12-31T23:59:59.9999999Z"', '"0099-02-28T01:02:03.0000009Z"'];
    await check(
      [{ name: 'T', type: 'datetime' }],
      cells.map((cell) => [cell]),
    );
  });
  it('strings of a megabyte, with and without escapes', async () => {
    const pieces = ['x', 'é', '\\n', '\\ud83d\\ude00', '😀\\u0000'];
    const cells = pieces.map((piece) => `"${piece.repeat(1_000_000 / piece.length)}"`);
    await check(
      [
        { name: 'S', type: 'string' },
        { name: 'D', type: 'dynamic' },
      ],
      [...cells, ...cells].map((cell) => [cell, cell]),
    );
  });
  it('names of any kind, two hundred of them', async () => {
    const names = ['a.b', 'a', 'a.b.c', ' ', 'é "quoted" \\', 'select', 'A.B', 'x\u2028y', '😀', 'list', 'element'];
    const columns = Array.from({ length: 200 }, (_, i) => ({ name: names[i] ?? `Column${i}`, type: 'long' }));
    for (const count of [14, 15, 16, 200]) {
      const some = columns.slice(0, count);
      await check(some, [some.map((_, i) => `${i}`), some.map((_, i) => (i % 2 ? 'null' : `-${i}`))]);
    }
  });
});

it('random rows come back from DuckDB and hyparquet, cell by cell', async () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const random = randomFrom(seed * 6151);
    const { columns, rows } = randomRows(random);
    const timestamps = random.pick(['micros', 'nanos'] as const);
    const compression = random.pick(['zstd', 'gzip', 'none'] as const);
    const batchBytes = random.pick([1, 100, 4096, 262_144]);
    await check(columns, rows, { timestamps, compression, batchBytes }).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
  }
});
