import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chunksOf, metadataOf, uncompressed, write, writeColumn } from './support/parquet-file.ts';
import { withDuckDb } from './support/parquet-readers.ts';

describe('statistics, which let readers skip a row group', () => {
  type Case = [name: string, type: string, cells: string[], min: unknown, max: unknown, nulls: bigint];
  const none = undefined;
  const cases: Case[] = [
    ['longs', 'long', ['3', 'null', '-9223372036854775808', '9007199254740993'], -(2n ** 63n), 9007199254740993n, 1n],
    [
      'longs that differ beyond a double',
      'long',
      ['9007199254740993', '9007199254740992'],
      2n ** 53n,
      2n ** 53n + 1n,
      0n,
    ],
    ['ints', 'int', ['3', '-7'], -7, 3, 0n],
    ['reals', 'real', ['1.5', '"-Infinity"', '2.5'], Number.NEGATIVE_INFINITY, 2.5, 0n],
    ['a NaN says nothing', 'real', ['1.5', '"NaN"', '2.5', 'null'], none, none, 1n],
    ['a zero stands for both', 'real', ['0.0'], -0, 0, 0n],
    ['a negative zero too', 'real', ['-0.0', '-0.0'], -0, 0, 0n],
    [
      'times',
      'datetime',
      ['"1970-01-01T00:00:01.0000019Z"', '"1969-12-31T23:59:59Z"', 'null'],
      -1000000n,
      1000001n,
      1n,
    ],
    ['strings', 'string', ['"a"', 'null', '"b"'], none, none, 1n],
    ['nulls alone', 'long', ['null', 'null'], none, none, 2n],
  ];
  for (const [name, type, cells, min, max, nulls] of cases) {
    it(name, async () => {
      const [chunk] = chunksOf(await writeColumn(type, cells));
      const { min_value, max_value, null_count } = chunk?.statistics ?? {};
      assert.deepEqual([min_value, max_value, null_count], [min, max, nulls]);
    });
  }

  it('are of one row group each', async () => {
    const pad = `"${'x'.repeat(1_000_000)}"`;
    const rows = Array.from({ length: 80 }, (_, row) => [`${row < 40 ? row : -row}`, pad.replace('x', String(row))]);
    const groups = metadataOf(
      await write(
        [
          { name: 'L', type: 'long' },
          { name: 'Pad', type: 'string' },
        ],
        rows,
      ),
    ).row_groups;
    assert.ok(groups.length >= 2);
    let start = 0;
    for (const { num_rows, columns } of groups) {
      const values = rows.slice(start, start + Number(num_rows)).map(([cell]) => Number(cell));
      const { min_value, max_value } = columns[0]?.meta_data?.statistics ?? {};
      assert.deepEqual([min_value, max_value], [BigInt(Math.min(...values)), BigInt(Math.max(...values))]);
      start += Number(num_rows);
    }
    assert.equal(start, rows.length);
  });

  it('hide no row from a filter', async () => {
    const filters = [
      'C > 5',
      'C = 0',
      "C >= 'NaN'::double",
      'C < 0',
      'C = -0.0',
      'C is null',
      "C > 'infinity'::double",
    ];
    for (const cells of [
      ['1', '"NaN"'],
      ['-0.0', '-1'],
      ['0.0'],
      ['-0.0'],
      ['"Infinity"', '5'],
      ['null'],
      ['null', '2'],
    ]) {
      await withDuckDb(await writeColumn('real', cells), async (db) => {
        await db.run('create table loaded as from part');
        for (const filter of filters) {
          const [part, loaded] = await Promise.all(
            ['part', 'loaded'].map((from) => db.runAndReadAll(`select count(*) from ${from} where ${filter}`)),
          );
          assert.deepEqual(part?.getRows(), loaded?.getRows(), `${cells} where ${filter}`);
        }
      });
    }
  });
});

it('500,000 rows, every cell', async () => {
  const columns = ['long', 'int', 'real', 'bool', 'datetime', 'string', 'dynamic', 'guid', 'long'].map(
    (type, index) => ({ name: `C${index}`, type }),
  );
  function* rows() {
    for (let i = 0; i < 500_000; i += 1) {
      const second = new Date(1_700_000_000_000 + i * 1000).toISOString().slice(0, 19);
      yield [
        `${i}00000000007`,
        `${i}`,
        `${i}.5`,
        i % 3 ? 'true' : 'false',
        `"${second}.${String(i).padStart(7, '0')}Z"`,
        `"name ${i % 11}"`,
        `"{\\"i\\":${i}}"`,
        i % 2 ? `"${i}-0000-0000-0000-000000000000"` : 'null',
        'null',
      ];
    }
  }
  const file = await write(columns, rows());
  const { row_groups } = metadataOf(file);
  assert.ok(row_groups.length > 1);
  assert.ok(row_groups.every(({ total_byte_size }) => total_byte_size < 34 * 1024 * 1024));
  const expected = `select i * 100000000000 + 7, i, i + 0.5, i % 3 <> 0,
    make_timestamptz(1700000000000000 + i * 1000000 + i // 10), 'name ' || i % 11, '{"i":' || i || '}',
    if(i % 2 = 1, i || '-0000-0000-0000-000000000000', null), null from range(500000) as r(i)`;
  await withDuckDb(file, async (db) => {
    for (const sql of [`from part except all (${expected})`, `(${expected}) except all from part`])
      assert.deepEqual((await db.runAndReadAll(`from (${sql}) limit 3`)).getRowObjectsJson(), []);
  });
});

it('a page holds nothing of what was in memory before', async () => {
  const columns = ['string', 'string', 'bool'].map((type, index) => ({ name: `C${index}`, type }));
  const [one, other] = await Promise.all(
    ['x', 'y'].map(async (letter) => {
      const long = letter.repeat(1000);
      const rows = Array.from({ length: 17 }, (_, i) => [`"${long}${i}"`, `"${i % 3}"`, i % 2 ? 'true' : 'null']);
      const file = await write(columns, rows, uncompressed);
      return file.subarray(Number(chunksOf(file, 1)[0]?.dictionary_page_offset));
    }),
  );
  assert.deepEqual(one, other);
});
