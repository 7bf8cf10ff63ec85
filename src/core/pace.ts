import type { OversizeError } from './logs.ts';
import { type Cost, lowerTargets, nextSize, TARGETS } from './sizing.ts';
import { nextWindow, type Window } from './window.ts';

/** How far a run reads, and in windows of which size. */
export interface Pace {
  /** The size to try next. */
  readonly sizeMs: number;
  /** How many rows an answer should have at most. */
  readonly targetRows: number;
  /** The size to keep, if this run has learned any. */
  readonly learnedMs: number | undefined;
  /** The next window from `startMs`, of `largestMs` at most, to `endMs` at most; `undefined` at the horizon. */
  next(startMs: number, largestMs?: number, endMs?: number): Window | undefined;
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
  let hasLearned = false;
  return {
    get sizeMs() {
      return sizeMs;
    },
    get targetRows() {
      return targets.rows;
    },
    get learnedMs() {
      return hasLearned ? sizeMs : undefined;
    },
    next: (startMs, largestMs = sizeMs, endMs = horizonMs) =>
      nextWindow(startMs, Math.min(sizeMs, largestMs), Math.min(horizonMs, endMs)),
    grow(window, cost) {
      sizeMs = nextSize(sizeMs, window, cost, targets, largestMs);
      hasLearned = true;
    },
    lower(error) {
      targets = lowerTargets(targets, error);
    },
    shrink(smallerMs) {
      sizeMs = smallerMs;
      hasLearned = true;
    },
    stopAt(untilMs) {
      horizonMs = Math.min(horizonMs, untilMs);
    },
  };
}
