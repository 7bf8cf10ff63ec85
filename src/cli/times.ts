import { DAY_MS, formatIso, HOUR_MS, parseIso } from '../core/window.ts';
import { ArgumentError } from './verb.ts';

/** As long as a table can keep rows: 12 years. */
const RETENTION_MS = 4383 * DAY_MS;

/**
 * Reads the time that an option gives.
 * @throws ArgumentError when it is none, or none that rows can have.
 */
export function readTime(option: string, text: string, aheadMs = 0): number {
  const nowMs = Date.now();
  const ms = parseIso(text);
  if (ms !== undefined && ms <= nowMs + aheadMs && ms >= nowMs - RETENTION_MS) return ms;
  throw new ArgumentError(
    `--${option}: found "${text}", expected a UTC time such as 2026-11-22T14:05:00Z, not in the future, and not before ` +
      `${formatIso(nowMs - RETENTION_MS)}: no table keeps rows for more than 12 years`,
  );
}

/** Reads `--from`, and the option that ends the range: whole hours may end an hour from now. */
export function readRange(from: string | undefined, option: string, end: string | undefined) {
  const fromMs = from === undefined ? undefined : readTime('from', from);
  const untilMs = end === undefined ? undefined : readTime(option, end, HOUR_MS);
  if (fromMs === undefined || untilMs === undefined || fromMs < untilMs) return { fromMs, untilMs };
  throw new ArgumentError(`--${option}: found "${end}", expected a time after --from ${from}`);
}
