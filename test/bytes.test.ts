import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyFew, copyPlain, PLAIN, plainEnd, SLACK_BYTES, viewOf } from '../src/core/bytes.ts';
import { createLines } from '../src/core/formats/lines.ts';

/** Each byte at each place of words that begin anywhere, with bytes around it that carry and borrow. */
function* sources(): Generator<{ source: Buffer; start: number; end: number }> {
  for (const around of [0x20, 0x21, 0x23, 0x5b, 0x5d, 0x7f, 0x80, 0xa2, 0xdc, 0xff]) {
    for (let byte = 0; byte < 256; byte += 1) {
      for (let at = 1; at < 10; at += 1) {
        const source = Buffer.alloc(13, around);
        source[at] = byte;
        source[12] = 0;
        for (const start of [0, 1, at]) yield { source, start, end: PLAIN[byte] === 1 ? 12 : at };
      }
    }
  }
}

test('the first byte that is not plain is found wherever it stands', () => {
  for (const { source, start, end } of sources())
    assert.equal(plainEnd(source, start), end, `${start} of ${[...source]}`);
});

test('what is before it is copied, and nothing before that is touched', () => {
  for (const { source, start, end } of sources()) {
    // Exactly large enough, and larger.
    for (const room of [end - start, 20]) {
      const target = Buffer.alloc(3 + room, 0xee);
      assert.equal(copyPlain(source, start, target, 3), end);
      assert.deepEqual(
        target.subarray(0, 3 + end - start),
        Buffer.concat([Buffer.alloc(3, 0xee), source.subarray(start, end)]),
      );
    }
  }
});

test('a few bytes are copied from anywhere to anywhere', () => {
  const source = Buffer.from('0123456789abcdef');
  for (let start = 0; start < 8; start += 1) {
    for (let end = start; end <= source.length - SLACK_BYTES; end += 1) {
      const target = Buffer.alloc(20, '-');
      assert.equal(copyFew(viewOf(source), start, end, viewOf(target), 1), 1 + end - start);
      assert.equal(target.toString('latin1', 0, 1 + end - start), `-${source.toString('latin1', start, end)}`);
    }
  }
});

test('a batch may end with its last cell', async () => {
  async function* batches() {
    yield { bytes: Buffer.from('"last"'), cells: Int32Array.of(0, 6), rows: 1 };
  }
  const rows = { columns: [{ name: 'A', type: 'string' }], batches: batches() };
  const lines = Buffer.concat(await Array.fromAsync(createLines('none').encode(rows)));
  assert.equal(lines.toString(), '{"A":"last"}\n');
});
