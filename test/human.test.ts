import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatCount } from '../src/core/human.ts';

test('one of a thing is not many', () => {
  assert.deepEqual(
    [0, 1, 2].map((count) => formatCount(count, 'row')),
    ['0 rows', '1 row', '2 rows'],
  );
  assert.deepEqual([0, 1, 999, 1000].map(formatBytes), ['0 bytes', '1 byte', '999 bytes', '1.0 kB']);
});

test('what is rounded to a thousand is one of the next unit', () => {
  assert.deepEqual([999.6, 999_949, 999_950, 1e15].map(formatBytes), ['1.0 kB', '999.9 kB', '1.0 MB', '1000.0 TB']);
  assert.equal(formatBytes(1.2), '1 byte');
});
