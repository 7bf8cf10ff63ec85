import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgress } from '../src/cli/backfill-progress.ts';
import { hoursOf, recordsIn } from '../src/core/proof.ts';
import { newReport } from '../src/core/run.ts';
import { shareDone } from '../src/core/survey.ts';
import { NO_ROWS } from '../src/core/tally.ts';
import { DAY_MS, HOUR_MS } from '../src/core/window.ts';

const hours = (from: number, to: number) => ({ startMs: from * HOUR_MS, endMs: to * HOUR_MS });
const claim = (from: number, to: number) => ({
  ...NO_ROWS,
  fromMs: from * HOUR_MS,
  untilMs: to * HOUR_MS,
  bytes: 0,
  late: 0,
});

test('a range falls into hours, without what has still to be exported', () => {
  assert.deepEqual(hoursOf(hours(1, 3), []), [hours(1, 2), hours(2, 3)]);
  assert.deepEqual(hoursOf(hours(1.5, 2.25), []), [hours(1.5, 2), hours(2, 2.25)]);
  assert.deepEqual(hoursOf(hours(1, 4), [hours(1.5, 1.75), hours(2, 3), hours(3.5, 9)]), [
    hours(1, 1.5),
    hours(1.75, 2),
    hours(3, 3.5),
  ]);
  assert.deepEqual(hoursOf(hours(1, 4), [hours(0, 4)]), []);
  assert.deepEqual(hoursOf(hours(1, 4), [hours(2, 2)]), [hours(1, 2), hours(2, 3), hours(3, 4)]);
  assert.deepEqual(hoursOf(hours(4, 1), []), []);
});

test('of records that overlap the first one counts, and only those inside', () => {
  const [late, early] = [claim(1, 2), claim(1.5, 2)];
  assert.deepEqual(recordsIn(hours(1, 2), [late, early]), [late]);
  assert.deepEqual(recordsIn(hours(1, 2), [early, late, claim(1, 1.5)]), [early, claim(1, 1.5)]);
  assert.deepEqual(recordsIn(hours(1, 2), [claim(0, 2), claim(1, 3)]), []);
});

const SURVEY = {
  ranges: [
    { startMs: 0, endMs: 2 * DAY_MS },
    { startMs: 5 * DAY_MS, endMs: 6 * DAY_MS },
  ],
  days: [
    { startMs: DAY_MS / 2, endMs: DAY_MS, rows: 100 },
    { startMs: DAY_MS, endMs: 2 * DAY_MS, rows: 200 },
    { startMs: 5 * DAY_MS, endMs: 6 * DAY_MS, rows: 100 },
  ],
  isCounted: true,
  withoutTime: 0,
  oldestMs: DAY_MS / 2,
};

test('what is done of a backfill goes by the rows of its days, or by its time where there are none', () => {
  const after = (first: number, second = 5) =>
    shareDone(
      SURVEY,
      new Map([
        [2 * DAY_MS, first * DAY_MS],
        [6 * DAY_MS, second * DAY_MS],
      ]),
    );
  assert.deepEqual([after(0), after(0.5), after(1), after(1.5), after(2), after(2, 6)], [0, 0, 0.25, 0.5, 0.75, 1]);
  assert.equal(shareDone(SURVEY, new Map()), 0);
  const empty = { ...SURVEY, days: [], oldestMs: undefined };
  assert.equal(shareDone(empty, new Map([[2 * DAY_MS, 1.5 * DAY_MS]])), 0.5);
  assert.equal(shareDone({ ...empty, ranges: [] }, new Map()), 1);
});

test('the progress shows rows, bytes, rate and time left over several runs', () => {
  const progress = createProgress('requests', SURVEY, 1000);
  const report = (rows: number, day: number) => {
    const backfill = { id: 'x', fromMs: 0, untilMs: 2 * DAY_MS, exportedUntilMs: day * DAY_MS };
    return { ...newReport('requests', 'run'), rows, bytes: 10 * rows, parts: 1, backfill };
  };
  progress.add(report(100, 1));
  assert.equal(
    progress.note(report(100, 1.5), 5000),
    'requests: [##########..........] 50 %, 200 rows, 2.0 kB, 50 rows/s, 4.0 s left',
  );
  assert.deepEqual(
    [progress.isLineDue(5000), progress.isLineDue(31_000), progress.isLineDue(32_000)],
    [false, true, false],
  );
  progress.add(report(100, 1.5));
  assert.deepEqual(progress.totals, { rows: 200, parts: 2, bytes: 2000 });
  assert.equal(progress.summary(11_000), 'exported 200 rows in 2 parts (2.0 kB), took 10 s');
});
