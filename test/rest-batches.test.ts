import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backOffMs, retryAfterMs } from '../src/core/retry.ts';
import { cutBatches, halve } from '../src/rest/batches.ts';
import { partKey } from '../src/rest/key.ts';
import { createRandom } from './sim/random.ts';

const cut = async (chunks: readonly Uint8Array[], maxBytes: number) => {
  async function* bytes() {
    yield* chunks;
  }
  return (await Array.fromAsync(cutBatches(bytes(), maxBytes))).map((batch) => batch.toString());
};

test('lines are cut into batches that are as full as they can be', async () => {
  const of = (text: string) => cut([Buffer.from(text)], 6);
  assert.deepEqual(await of('a\nb\nc\nd\n'), ['a\nb\nc\n', 'd\n']);
  assert.deepEqual(await of('12345\n67890\n'), ['12345\n', '67890\n']);
  assert.deepEqual(await of('a\n1234567890\nb\n'), ['a\n', '1234567890\n', 'b\n']);
  assert.deepEqual(await of('a\n12345\n'), ['a\n', '12345\n']);
  assert.deepEqual(await of('\n'), ['\n']);
  assert.deepEqual(await of(''), []);
  await assert.rejects(of('a\nb'), /the last line has no end/);
  await assert.rejects(of('a\n1234567890'), /the last line has no end/);
});

test('batches follow from the bytes, however they come in chunks', async () => {
  const random = createRandom(7);
  for (let round = 0; round < 200; round += 1) {
    const lines = Array.from({ length: random.between(1, 40) }, () => `${'x'.repeat(random.between(0, 30))}\n`);
    const bytes = Buffer.from(lines.join(''));
    const maxBytes = random.between(1, 60);
    const whole = await cut([bytes], maxBytes);
    const chunks: Buffer[] = [];
    for (let from = 0; from < bytes.length; ) {
      const end = from + random.between(1, 25);
      chunks.push(bytes.subarray(from, end));
      from = end;
    }
    assert.deepEqual(await cut(chunks, maxBytes), whole);
    assert.equal(whole.join(''), bytes.toString());
    for (const batch of whole) {
      assert.ok(batch.endsWith('\n'));
      assert.ok(batch.length <= maxBytes || batch.indexOf('\n') === batch.length - 1, 'only a single line is larger');
    }
  }
});

test('a batch is halved at the end of a line, down to a single one', () => {
  const of = (text: string) => halve(Buffer.from(text))?.map((half) => half.toString());
  assert.deepEqual(of('a\nb\nc\nd\n'), ['a\nb\n', 'c\nd\n']);
  assert.deepEqual(of('1234567890\nb\n'), ['1234567890\n', 'b\n']);
  assert.deepEqual(of('b\n1234567890\n'), ['b\n', '1234567890\n']);
  assert.deepEqual(of('\n\n'), ['\n', '\n']);
  assert.equal(of('1234567890\n'), undefined);
  assert.equal(of('\n'), undefined);
});

test('a key names the export, the window, and what tells parts of one window apart', () => {
  const folder = 'requests/y=2026/m=11/d=22/h=14';
  const window = '20261122T140500.000Z_20261122T141000.000Z';
  assert.equal(partKey(`${folder}/${window}_1234.jsonl.gz`), `requests/${window}`);
  assert.equal(partKey(`${folder}/${window}_1234_p1of4.jsonl`), `requests/${window}_p1of4`);
  assert.equal(partKey(`${folder}/${window}_12_late7.jsonl.zst`), `requests/${window}_late7`);
});

test('Retry-After is seconds or an HTTP date, by the clock of whoever answered', () => {
  const nowMs = Date.parse('2026-11-22T14:00:00Z');
  const date = 'Sun, 22 Nov 2026 14:10:00 GMT';
  assert.equal(retryAfterMs('7', undefined, nowMs), 7000);
  assert.equal(retryAfterMs(' 0 ', date, nowMs), 0);
  assert.equal(retryAfterMs('Sun, 22 Nov 2026 14:10:30 GMT', date, nowMs), 30_000);
  assert.equal(retryAfterMs('Sun, 22 Nov 2026 14:00:30 GMT', undefined, nowMs), 30_000);
  assert.equal(retryAfterMs('Sun, 22 Nov 2026 13:00:00 GMT', undefined, nowMs), 0);
  assert.equal(retryAfterMs('soon', date, nowMs), undefined);
  assert.equal(retryAfterMs(undefined, date, nowMs), undefined);
});

test('waits double up to a limit', () => {
  assert.deepEqual(
    [1, 2, 3, 20].map((attempt) => backOffMs(attempt, 1000, 0)),
    [1000, 2000, 4000, 30_000],
  );
  assert.equal(backOffMs(1, 1000, 1), 500);
});
