const MAX_DELAY_MS = 30_000;

/**
 * The wait after an attempt where the answer names none: doubles each time, up to a limit, and is cut by up to half at
 * random. @param attempt from 1. @param random from 0 to 1.
 */
export function backOffMs(attempt: number, delayMs: number, random: number): number {
  return Math.min(MAX_DELAY_MS, delayMs * 2 ** (attempt - 1)) * (1 - random / 2);
}

/**
 * How long `Retry-After` asks to wait: a number of seconds, or an HTTP date, which is held against the answer's own `Date`
 * where it has one. `undefined` where it says nothing that can be read.
 * @param nowMs by the machine's clock.
 */
export function retryAfterMs(header: string | undefined, date: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const untilMs = Date.parse(text);
  if (Number.isNaN(untilMs)) return undefined;
  const sentMs = Date.parse(date ?? '');
  return Math.max(0, untilMs - (Number.isNaN(sentMs) ? nowMs : sentMs));
}
