/** A half-open interval of ingestion time, `[startMs, endMs)`, in whole milliseconds since 1970 UTC. */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/**
 * The next window from `startMs`: at most `sizeMs` long, not beyond the horizon, and within one hour of the clock, so
 * that its part belongs to one folder. `undefined` when there is nothing to export yet.
 */
export function nextWindow(startMs: number, sizeMs: number, horizonMs: number): Window | undefined {
  const nextHourMs = (hourOf(startMs) + 1) * HOUR_MS;
  const endMs = Math.min(startMs + sizeMs, horizonMs, nextHourMs);
  return endMs > startMs ? { startMs, endMs } : undefined;
}

/** A range, cut where hours or days begin. */
export function cut({ startMs, endMs }: Window, lengthMs: number): Window[] {
  const windows: Window[] = [];
  for (let atMs = startMs; atMs < endMs; ) {
    const untilMs = Math.min(endMs, (Math.floor(atMs / lengthMs) + 1) * lengthMs);
    windows.push({ startMs: atMs, endMs: untilMs });
    atMs = untilMs;
  }
  return windows;
}

/** Hours since 1970. */
export function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS);
}

/** Days since 1970. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** `2026-11-22T14:05:00.000Z`. */
export function formatIso(ms: number): string {
  return new Date(ms).toISOString();
}

/** `20261122T140500.000Z`, for file names. */
export function formatCompact(ms: number): string {
  return formatIso(ms).replaceAll(/[-:]/g, '');
}

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z$/;

/** Reads a UTC time of at most millisecond precision; `undefined` when it is none, as on 30 February. */
export function parseIso(text: string): number | undefined {
  if (!ISO.test(text)) return undefined;
  const ms = Date.parse(text);
  // A day or an hour that does not exist is taken for a later one.
  return new Date(ms).getUTCDate() === Number(text.slice('yyyy-mm-'.length, 'yyyy-mm-dd'.length)) ? ms : undefined;
}

const COMPACT = /^(\d{4})(\d{2})(\d{2}T\d{2})(\d{2})(\d{2}\.\d{3}Z)$/;

/** Reads what `formatCompact` wrote; `undefined` when it is something else. */
export function parseCompact(text: string): number | undefined {
  return parseIso(text.replace(COMPACT, '$1-$2-$3:$4:$5'));
}
