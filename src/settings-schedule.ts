import { Cron } from 'croner';

/** The host reads days of the week from 0 to 6 and no `L`, `W`, `#`, `?`; croner would take more. */
const FIELD = /^[\d*,/A-Za-z-]+$/;
const NAMES = /^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)$/i;

/** What is wrong with an NCRONTAB schedule, or `undefined`. */
export function checkSchedule(schedule: string): string | undefined {
  if (schedule.includes('%')) return 'is a reference to another setting: write the schedule itself';
  if (/^[\d.]*\d+:\d+(?::\d+)?$/.test(schedule)) return 'is an interval, which not every hosting plan takes';
  const fields = schedule.split(/\s+/);
  if (fields.length === 5) return `has no seconds: write "0 ${schedule}"`;
  if (fields.length !== 6) return `has ${fields.length} fields`;
  const words = fields.flatMap((field) => field.match(/[A-Za-z]+/g) ?? []);
  if (
    !fields.every((field) => FIELD.test(field)) ||
    !words.every((word) => NAMES.test(word)) ||
    /7/.test(fields[5] ?? '')
  ) {
    return 'has a field that the Functions host does not read';
  }
  try {
    return openSchedule(schedule).nextRun() === null ? 'never comes' : undefined;
  } catch (error) {
    return `cannot be read (${error instanceof Error ? error.message : error})`;
  }
}

/** The times of a schedule as the host sees them: UTC, and both day fields must match. Starts nothing by itself. */
export function openSchedule(schedule: string): Cron {
  return new Cron(schedule, { mode: '6-part', timezone: 'UTC', domAndDow: true, paused: true });
}

/** Every five minutes, at a second of its own so that the exports do not all ask at once. */
export function defaultSchedule(name: string, knownNames: readonly string[]): string {
  const index = knownNames.indexOf(name);
  const hash = [...name].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 60, 7);
  return `${index === -1 ? hash : (index * 6) % 60} */5 * * * *`;
}
