import { Cron } from 'croner';

/** Six fields that the Functions host reads: it takes no `L`, `W`, `#` and `?`, and no Sunday as 7, as croner does. */
const FIELDS = /^(?:(?:[\d*,/-]|[a-z]{3})+\s+){5}(?:[0-6*,/-]|[a-z]{3})+$/i;
const FORM =
  '{second 0-59} {minute 0-59} {hour 0-23} {day 1-31} {month 1-12} {day of week 0-6 or SUN-SAT}, such as ' +
  '"0 */5 * * * *"';

/** Checks an NCRONTAB schedule. @throws what was found and what is expected. */
export function parseSchedule(text: string): string {
  try {
    if (FIELDS.test(text) && openSchedule(text).nextRun() !== null) return text;
  } catch {
    // A value out of its range: the form shows the ranges.
  }
  throw new Error(`found "${text}", expected a time that comes, as ${FORM}`);
}

/** The times of a schedule as the host sees them: UTC, and both day fields must match. Starts nothing by itself. */
export function openSchedule(schedule: string): Cron {
  return new Cron(schedule, { mode: '6-part', timezone: 'UTC', domAndDow: true, paused: true });
}

/** From one run to the next, in milliseconds. */
export function intervalOf(schedule: string): number {
  const [first, second] = openSchedule(schedule).nextRuns(2);
  return first === undefined || second === undefined ? 0 : second.getTime() - first.getTime();
}
