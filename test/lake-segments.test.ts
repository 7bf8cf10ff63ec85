import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSegments } from '../src/azure/lake/segments.ts';

/** As many as a body gets. */
function fill(segments: ReturnType<typeof createSegments>): Buffer[] {
  const body: Buffer[] = [];
  for (let next = segments.take(0); next !== undefined; next = segments.take(body.length)) body.push(next);
  return body;
}

test('one body is of four segments, and many share', () => {
  const segments = createSegments();
  const bodies = Array.from({ length: 5 }, () => fill(segments));
  assert.deepEqual(
    bodies.map(({ length }) => length),
    [4, 4, 1, 1, 1],
  );
  assert.equal(new Set(bodies.flat()).size, 11);
});

test('what is given back is filled again, what is lost is not', () => {
  const segments = createSegments();
  const [first, second] = [fill(segments), fill(segments)];
  segments.give(first);
  assert.deepEqual(new Set(fill(segments)), new Set(first));
  segments.lose(second);
  const again = fill(segments);
  assert.equal(again.length, 4);
  assert.ok(again.every((segment) => !second.includes(segment)));
});

test('no more is kept than is shared', () => {
  const segments = createSegments();
  const bodies = Array.from({ length: 20 }, () => fill(segments));
  for (const body of bodies) segments.give(body);
  const known = new Set(bodies.flat());
  const kept = [fill(segments), fill(segments)].flat();
  assert.equal(kept.filter((segment) => known.has(segment)).length, 8);
  assert.equal(known.has(segments.take(0) ?? assert.fail()), false);
});
