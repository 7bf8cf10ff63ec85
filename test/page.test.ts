import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daysOf, hoursOf, type State } from '../src/core/page/hours.ts';
import { html } from '../src/core/page/markup.ts';
import { formatPage } from '../src/core/page/page.ts';
import { wrongOf } from '../src/core/page/wrong.ts';
import type { ExportStatus } from '../src/core/status.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/core/window.ts';
import { claimOf, NOW_MS, statusOf, variedStatuses, verdictOf } from './support/page-statuses.ts';

/** The hour that is under way. */
const HOUR = Math.floor(NOW_MS / HOUR_MS) * HOUR_MS;
const at = (hours: number) => HOUR - hours * HOUR_MS;

/** The state of the hour that began so many hours before the one under way. */
function stateAt(hours: number, changes: Partial<ExportStatus>): State | undefined {
  return hoursOf(statusOf(changes), at(hours), at(hours) + HOUR_MS)[0]?.state;
}

test('an hour is what its recounts have found, the worst first', () => {
  const verdicts = [
    verdictOf(at(20)),
    verdictOf(at(19), { late: 3 }),
    verdictOf(at(18), { rows: 0 }),
    verdictOf(at(17), { verdict: 'fewer', counted: 990 }),
    verdictOf(at(16), { verdict: 'taken', counted: 2000 }),
    // Of an hour that a backfill and the live export share.
    verdictOf(at(15), { untilMs: at(15) + 20 * MINUTE_MS }),
    verdictOf(at(15) + 20 * MINUTE_MS, { untilMs: at(14), verdict: 'fewer', late: 1 }),
  ];
  const states = [20, 19, 18, 17, 16, 15, 14].map((hours) => stateAt(hours, { verdicts }));
  assert.deepEqual(states, ['complete', 'late', 'empty', 'fewer', 'taken', 'fewer', 'settled']);
});

test('an hour that waits for its recount is open, and its rows are counted once', () => {
  assert.equal(stateAt(3, { claims: [claimOf(at(3))] }), 'open');
  const [, half] = [claimOf(at(3)), claimOf(at(3), { untilMs: at(3) + 1 })];
  assert.equal(stateAt(3, { claims: [half], verdicts: [verdictOf(at(3) + 1, { untilMs: at(2) })] }), 'open');
  // The run that wrote the verdict has not written its last.
  const both = statusOf({ claims: [claimOf(at(9))], verdicts: [verdictOf(at(9))] });
  const [hour] = hoursOf(both, at(9), at(8));
  assert.deepEqual([hour?.state, hour?.rows], ['complete', 1000]);
});

test("an hour that has not been exported is due or not, before the begin, or a backfill's", () => {
  const behind = { exportedUntilMs: at(4) + 10 * MINUTE_MS };
  assert.deepEqual(
    [5, 4, 3, 1, 0, -1].map((hours) => stateAt(hours, behind)),
    ['settled', 'missing', 'missing', 'missing', 'pending', 'pending'],
  );
  assert.equal(stateAt(0, {}), 'open');
  assert.equal(stateAt(0, { exportedUntilMs: HOUR }), 'pending');
  const begun = { exportedFromMs: at(9) + MINUTE_MS };
  assert.deepEqual([stateAt(10, begun), stateAt(9, begun)], ['before', 'settled']);
  const backfill = { id: 'b', fromMs: at(30), untilMs: at(20) + 1, exportedUntilMs: at(25) };
  assert.deepEqual(
    [31, 30, 26, 25, 20, 19].map((hours) =>
      stateAt(hours, { exportedFromMs: at(30), backfills: [backfill], verdicts: [verdictOf(at(30))] }),
    ),
    ['before', 'complete', 'settled', 'backfill', 'backfill', 'settled'],
  );
});

test('where an earlier version has not noted the begin, what is known first is taken for it', () => {
  const unknown = { exportedFromMs: undefined };
  assert.equal(stateAt(5, unknown), 'before');
  const verdicts = [verdictOf(at(12)), verdictOf(at(9))];
  assert.deepEqual(
    [13, 12, 11].map((hours) => stateAt(hours, { ...unknown, verdicts })),
    ['before', 'complete', 'settled'],
  );
});

test('a day is what the worst of its hours is, with the rows of all', () => {
  const day = Math.floor(NOW_MS / DAY_MS) * DAY_MS - DAY_MS;
  const verdicts = Array.from({ length: 24 }, (_, hour) =>
    verdictOf(day + hour * HOUR_MS, { late: hour === 7 ? 2 : 0 }),
  );
  const found = (some: typeof verdicts) => daysOf(hoursOf(statusOf({ verdicts: some }), day, day + DAY_MS))[0];
  assert.deepEqual([found(verdicts)?.state, found(verdicts)?.rows, found(verdicts)?.late], ['late', 24_000, 2]);
  assert.equal(found(verdicts.with(3, verdictOf(day + 3 * HOUR_MS, { verdict: 'taken' })))?.state, 'taken');
  assert.equal(found([])?.rows, undefined);
});

test('what is wrong names ranges of hours, newest first, and counts the others', () => {
  const fewer = [90, 80, 70, 60, 59, 48].map((hours) => verdictOf(at(hours), { verdict: 'fewer', counted: 1 }));
  const status = statusOf({ problems: ['is behind'], verdicts: fewer });
  assert.deepEqual(wrongOf(status, hoursOf(status, at(100), HOUR)), [
    { state: 'missing', text: 'is behind' },
    {
      state: 'fewer',
      text:
        '6 hours (20 Nov 14:00 to 15:00, 20 Nov 02:00 to 04:00, 19 Nov 16:00 to 17:00, 2 before): Logs has lost rows since ' +
        '(6,000 rows exported, 6 in Logs)',
    },
  ]);
});

test('the page names what is wrong before all else, and the worst export first', () => {
  const page = formatPage(variedStatuses(), NOW_MS);
  const order = ['<h1>9 things to look at, in 3 exports</h1>', 'is behind', 'id="overview"', 'id="export-exceptions"'];
  const places = [...order, 'id="export-requests"', 'id="export-traces"'].map((text) => page.indexOf(text));
  assert.ok(!places.includes(-1), places.join(' '));
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
  assert.match(formatPage([statusOf()], NOW_MS), /<h1>Nothing is wrong<\/h1>.*1 export, complete until 22 Nov 07:23\./);
  const unaudited = formatPage([statusOf({ completeUntilMs: undefined })], NOW_MS);
  assert.match(unaudited, /hours are not recounted \(EXPORT_AUDIT_HOURS is 0\)/);
  const nothing = statusOf({ exportedFromMs: undefined, exportedUntilMs: undefined, completeUntilMs: undefined });
  assert.match(formatPage([nothing], NOW_MS), /Nothing has been exported yet\..*has not begun/s);
});

test('all text is escaped, whatever it holds', () => {
  const text = `</p><script>"'&\u001b[31m\u202E`;
  assert.equal(
    html`<p title="${text}">${text}</p>${3}`.markup,
    ['<p title="&lt;/p&gt;&lt;script&gt;&quot;&#39;&amp;">', '&lt;/p&gt;&lt;script&gt;&quot;&#39;&amp;</p>3'].join(''),
  );
  const page = formatPage([statusOf({ problems: [text], lastPart: undefined })], NOW_MS);
  assert.ok(!page.includes('<script') && page.includes('&lt;script&gt;'));
});

test('the page has no script and nothing to fetch, and forbids both', () => {
  const page = formatPage(variedStatuses(), NOW_MS);
  assert.doesNotMatch(page, /<script|<link|<img|@import|url\(|\son\w+=|https?:/);
  assert.match(page, /content="default-src 'none'; style-src 'unsafe-inline'"/);
});
