import type { OversizeError } from './logs.ts';
import { type Cost, lowerTargets, nextSize, TARGETS } from './sizing.ts';
import { nextWindow, type Window } from './window.ts';

/** How far a run reads, and in windows of which size. */
export interface Pace {
  /** The size to try next. */
  readonly sizeMs: number;
  /** How many rows an answer should have at most. */
  readonly targetRows: number;
  /** The size to keep where no commit has: windows had to become smaller since the last one. */
  readonly unkeptMs: number | undefined;
  /** The next window from `startMs`; `undefined` at the horizon. */
  next(startMs: number): Window | undefined;
  /** An answer came whole: its size and cost say how large the next may be. */
  grow(window: Window, cost: Cost): void;
  /** An answer was too much. */
  lower(error: OversizeError): void;
  /** The size to go on with after that. */
  shrink(sizeMs: number): void;
  /** The service's clock says that nothing from `horizonMs` on has settled. */
  stopAt(horizonMs: number): void;
}

/** @param windowMs the size to begin with, `largestMs` at most. */
export function createPace(windowMs: number, largestMs: number, endMs: number): Pace {
  let sizeMs = Math.min(windowMs, largestMs);
  let horizonMs = endMs;
  let targets = TARGETS;
  let shrunk = false;
  return {
    get sizeMs() {
      return sizeMs;
    },
    get targetRows() {
      return targets.rows;
    },
    get unkeptMs() {
      return shrunk ? sizeMs : undefined;
    },
    next: (startMs) => nextWindow(startMs, sizeMs, horizonMs),
    grow(window, cost) {
      sizeMs = nextSize(sizeMs, window, cost, targets, largestMs);
      shrunk = false; // the commit of this window keeps it
    },
    lower(error) {
      targets = lowerTargets(targets, error);
    },
    shrink(smallerMs) {
      sizeMs = smallerMs;
      shrunk = true;
    },
    stopAt(untilMs) {
      horizonMs = Math.min(horizonMs, untilMs);
    },
  };
}
