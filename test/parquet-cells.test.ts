import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rowsOf } from './support/batches.ts';
import { micros, nanos, writeColumn } from './support/parquet-file.ts';

describe('a cell that is none of its type', () => {
  const cases: [type: string, cell: string, format?: typeof micros][] = [
    ...[
      '1.0',
      '1e3',
      '9223372036854775808',
      '-9223372036854775809',
      '"5"',
      'true',
      '[1]',
      '12345678901234567890123',
    ].map((cell): [string, string] => ['long', cell]),
    ...['2147483648', '-2147483649', '9223372036854775807', '1.5', '""'].map((cell): [string, string] => ['int', cell]),
    ...['"nan"', '"1.5"', 'true', '{}', '1e999', '-1e999'].map((cell): [string, string] => ['real', cell]),
    ...['2', '"true"', '10', '-1'].map((cell): [string, string] => ['bool', cell]),
    ...[
      '"2026-11-22"',
      '"2026-11-22 14:05:00Z"',
      '"2026-11-22T14:05:00"',
      '"2026-11-22T14:05:00.12345678Z"',
      '"2026-11-22T14:05:00.Z"',
      '"2026-02-29T14:05:00Z"',
      '"2026-13-01T14:05:00Z"',
      '"2026-11-00T14:05:00Z"',
      '"2026-11-22T24:00:00Z"',
      '"2026-11-22T14:60:00Z"',
      '"2026-11-22T14:05:60Z"',
      '"2026-11-22T14:05:00.1a3Z"',
      '"2026-11-22T14:05:00+00:00"',
      '20261122',
      '""',
      '"x026-11-22T14:05:00Z"',
      '"2026-11-22T14:05:00,123Z"',
    ].map((cell): [string, string] => ['datetime', cell]),
    ['datetime', '"0001-01-01T00:00:00Z"', nanos],
    ['datetime', '"2263-01-01T00:00:00Z"', nanos],
  ];
  for (const [type, cell, format] of cases) {
    it(`${type}: ${cell}${format ? ' in nanoseconds' : ''}`, async () => {
      await assert.rejects(writeColumn(type, ['null', cell], format), (error: Error) => {
        assert.ok(
          error.message.startsWith(
            `Cannot write row 2, column "C" (1 of 1, ${type}) as Parquet: found ${cell}, expected `,
          ),
        );
        return true;
      });
    });
  }

  it('has a way out that is right for any name', async () => {
    const rows = rowsOf([{ name: 'a b', type: 'long' }], [['"x"']]);
    await assert.rejects(async () => {
      for await (const _ of micros.encode(rows));
    }, /\| extend \['a b'\] = tostring\(\['a b'\]\)/);
  });

  it('is named by its place in the whole answer, and cut when it is long', async () => {
    const columns = ['string', 'long'].map((type, index) => ({ name: `C${index}`, type }));
    const rows = Array.from({ length: 5000 }, (_, i) => ['"x"', i === 4321 ? `"${'y'.repeat(1000)}"` : '1']);
    await assert.rejects(async () => {
      for await (const _ of micros.encode(rowsOf(columns, rows, 1000)));
    }, /^Error: Cannot write row 4322, column "C1" \(2 of 2, long\) as Parquet: found "y{59}\.\.\., expected .*tostring\(C1\)/);
  });
});

describe('the rows', () => {
  const columns = [{ name: 'C', type: 'string' }];
  const rows = Array.from({ length: 100 }, (_, i) => [`"${String(i).repeat(500_000)}"`]);

  it('are closed when the consumer stops early', async () => {
    const source = rowsOf(columns, rows);
    for await (const _ of micros.encode(source)) break;
    await source.closed;
  });

  it('pass their error on as it is', async () => {
    const reason = new Error('cut');
    async function* batches() {
      yield* rowsOf(columns, [['"x"']]).batches;
      throw reason;
    }
    await assert.rejects(Array.fromAsync(micros.encode({ columns, batches: batches() })), (error) => error === reason);
  });
});
