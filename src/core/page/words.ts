import { formatDuration } from '../human.ts';
import { dayOf, formatIso } from '../window.ts';

const COUNT = new Intl.NumberFormat('en-GB');

/** `12,345`. */
export function countText(count: number): string {
  return COUNT.format(count);
}

/** `1 row`, `12,345 rows`. */
export function plural(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `22 Nov`. All times are UTC. */
export function dayText(ms: number): string {
  // `Sun, 22 Nov 2026 14:05:00 GMT` in any language.
  const [, day, month] = new Date(ms).toUTCString().split(' ');
  return `${Number(day)} ${month}`;
}

/** `22 Nov 14:05`. */
export function timeText(ms: number): string {
  return `${dayText(ms)} ${formatIso(ms).slice('yyyy-mm-ddT'.length, 'yyyy-mm-ddThh:mm'.length)}`;
}

/** `22 Nov 14:00 to 17:00`, `22 Nov 23:00 to 23 Nov 02:00`. */
export function rangeText(startMs: number, lengthMs: number): string {
  const [start, end] = [timeText(startMs), timeText(startMs + lengthMs)];
  const isOfDay = dayOf(startMs) === dayOf(startMs + lengthMs - 1);
  return `${start} to ${isOfDay ? end.slice(-'hh:mm'.length) : end}`;
}

/** `22 Nov 2026, 14:05 UTC`. */
export function fullTimeText(ms: number): string {
  return `${dayText(ms)} ${new Date(ms).getUTCFullYear()}, ${timeText(ms).slice(-'hh:mm'.length)} UTC`;
}

/** `5 min ago`, or `in 5 min`. */
export function agoText(ms: number, nowMs: number): string {
  return ms > nowMs ? `in ${formatDuration(ms - nowMs)}` : `${formatDuration(nowMs - ms)} ago`;
}
