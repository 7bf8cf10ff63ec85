import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextSize } from '../src/core/sizing.ts';

const targets = { rows: 1000, bytes: 1_000_000, durationMs: 60_000 };
const largestMs = 3_600_000;

/** The next size after a window of `lengthMs` with so many rows. */
function sizeAfter(sizeMs: number, lengthMs: number, rows: number, durationMs = 1000): number {
  return nextSize(sizeMs, { startMs: 0, endMs: lengthMs }, { rows, bytes: 0, durationMs }, targets, largestMs);
}

describe('the next window', () => {
  it('shrinks at once to what fits', () => {
    assert.equal(sizeAfter(60_000, 60_000, 4000), 15_000);
    assert.equal(sizeAfter(60_000, 60_000, 1_000_000_000), 1);
  });

  it('grows fast when there is little, and slowly near the target', () => {
    assert.equal(sizeAfter(1000, 1000, 0), 4000);
    assert.equal(sizeAfter(1000, 1000, 1), 4000);
    assert.equal(sizeAfter(1000, 1000, 500), 1190);
    assert.equal(sizeAfter(1000, 1000, 1000), 1000);
    assert.equal(sizeAfter(1, 1, 500), 2);
  });

  it('goes by bytes as well as by rows', () => {
    const cost = { rows: 1, bytes: 2_000_000, durationMs: 1 };
    assert.equal(nextSize(8000, { startMs: 0, endMs: 8000 }, cost, targets, largestMs), 4000);
  });

  it('does not grow by a short window at the horizon, but shrinks by a busy one', () => {
    assert.equal(sizeAfter(60_000, 1000, 0), 60_000);
    assert.equal(sizeAfter(60_000, 1000, 100), 10_000);
  });

  it('grows slowly after a slow answer', () => {
    assert.equal(sizeAfter(1000, 1000, 0, 60_001), 1250);
  });

  it('is never longer than the setting', () => {
    assert.equal(sizeAfter(3_000_000, 3_000_000, 0), largestMs);
  });
});
