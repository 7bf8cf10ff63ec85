import type { Window } from './window.ts';

/**
 * How large an answer may become before the service cuts it, with room for a rate that rises: the service's limits are
 * 500,000 rows and 64,000,000 bytes of its own, which are a little more as JSON, and queries of ten minutes.
 */
export interface Targets {
  readonly rows: number;
  readonly bytes: number;
  readonly durationMs: number;
}

export const TARGETS: Targets = { rows: 300_000, bytes: 40_000_000, durationMs: 60_000 };

/** The first window of a new export. Small, since nothing is known of the table: it grows quickly, and for nothing. */
export const FIRST_WINDOW_MS = 5_000;

/** A cut answer shows where the limit lies, and that the rate jumps: for the rest of the run windows aim at this share of it. */
const SHARE_OF_LIMIT = 0.4;
const GROWTH = 4;
const SLOW_GROWTH = 1.25;
/** Near the targets windows grow in small steps, for the rate may rise again: by the fourth root of what would fit. */
const DAMPING = 0.25;

/** What an answer to a window cost. */
export interface Cost {
  readonly rows: number;
  readonly bytes: number;
  readonly durationMs: number;
}

/** Targets that stay below an answer that was cut. */
export function lowerTargets(targets: Targets, cut: { rows: number; bytes: number }): Targets {
  if (cut.rows === 0) return targets;
  return {
    ...targets,
    rows: Math.min(targets.rows, Math.ceil(cut.rows * SHARE_OF_LIMIT)),
    bytes: Math.min(targets.bytes, Math.ceil(cut.bytes * SHARE_OF_LIMIT)),
  };
}

/**
 * The size of the next window. It shrinks at once to what hits the targets at the rate of the last answer, and grows towards
 * that step by step, from what has been read: a short window at the horizon says little. A slow answer slows growth but does
 * not end it: its time may not depend on its size.
 */
export function nextSize(sizeMs: number, window: Window, cost: Cost, targets: Targets, largestMs: number): number {
  const lengthMs = window.endMs - window.startMs;
  const used = Math.max(cost.rows / targets.rows, cost.bytes / targets.bytes);
  const fittingMs = lengthMs / used;
  const fastest = cost.durationMs > targets.durationMs ? SLOW_GROWTH : GROWTH;
  const grownMs = Math.ceil(lengthMs * Math.min(fastest, used ** -DAMPING));
  const nextMs = fittingMs < sizeMs ? fittingMs : Math.max(sizeMs, grownMs);
  return Math.max(1, Math.floor(Math.min(nextMs, largestMs)));
}

/** Half of a window that was too much, down to a millisecond. */
export function halfSize(window: Window): number {
  return Math.max(1, Math.floor((window.endMs - window.startMs) / 2));
}

/** Both halves of a window of more than a millisecond. */
export function halvesOf({ startMs, endMs }: Window): readonly Window[] {
  const middleMs = startMs + halfSize({ startMs, endMs });
  return [
    { startMs, endMs: middleMs },
    { startMs: middleMs, endMs },
  ];
}
