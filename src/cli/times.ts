import { DAY_MS, formatIso, HOUR_MS, parseIso } from '../core/window.ts';
import { ArgumentError } from './verb.ts';

/** As long as a table can keep rows: 12 years. */
const RETENTION_MS = 4383 * DAY_MS;

/**
 * Reads the time that an option gives.
 * @throws ArgumentError when it is none, or none that rows can have. Whole hours may end an hour from now.
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

/** As `readTime`, for an option that may be left out. */
export function readTimeIfAny(option: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : readTime(option, text, HOUR_MS);
}
