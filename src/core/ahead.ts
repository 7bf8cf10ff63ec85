import { OversizeError } from './logs.ts';
import { narrow } from './narrow.ts';
import type { Opened } from './open.ts';
import type { Pace } from './pace.ts';
import { hasBudget, type Run } from './run.ts';
import { type How, type StagedWindow, stageWindow } from './stage.ts';
import type { Window } from './window.ts';

/** Windows that are staged or under way, for each that may be under way: an early one may take longer than later ones. */
const SLOTS_SHARE = 2;
/** More windows at once help when an answer takes at least this share of its time to begin. */
const THINKING_SHARE = 0.2;

/** A window that has been asked for. */
interface Slot {
  readonly window: Window;
  readonly stop: AbortController;
  /** Gives back what it was reserved. */
  readonly leave: () => void;
  /** Resolves when there is an outcome. */
  readonly ended: Promise<void>;
  outcome: Outcome | undefined;
}

type Outcome =
  | { readonly staged: StagedWindow }
  /** The answer was too much, or too slow: go on in windows of this size. */
  | { readonly sizeMs: number; readonly isSlow: boolean }
  | { readonly error: unknown };

const nothing = () => undefined;

/** Windows that are staged at once, and taken in order. */
export interface Ahead {
  /** The next window in order; `undefined` at the horizon or the end of the budget. */
  take(): Promise<StagedWindow | undefined>;
  /** Stops what is under way, removes what is staged, and begins anew at `fromMs`. */
  restart(fromMs: number): Promise<void>;
}

/**
 * Begins with one window at once, takes one more with each that came whole while that helps, and falls back to one when
 * a query is refused, fails or is slow. While memory is short, or the sink has no place left, one waits for the other. A
 * window that is too large is asked for again in its place, in smaller ones.
 */
export function stageAhead(run: Run, opened: Opened, pace: Pace): Ahead {
  let fromMs = opened.session.position.exportedUntilMs;
  let slots: readonly Slot[] = [];
  /** Windows that were too large, and the size that may do inside them. */
  let tooLarge: readonly { readonly window: Window; readonly sizeMs: number }[] = [];
  let atOnce = 1;
  /** Where a window has failed ahead of its turn: it is asked for again when it is the first, and no sooner. */
  let failedMs: number | undefined;
  let hasStarted = false;

  function fill(): void {
    const hasFailed = slots[0]?.outcome !== undefined && 'error' in slots[0].outcome;
    while (!hasFailed && underWay(slots).length < atOnce && startNext());
  }

  /** Asks for the first window that nobody has asked for. */
  function startNext(): boolean {
    const { index, startMs, endMs } = firstGap(slots, fromMs);
    const isFull = startMs === failedMs || slots.length >= SLOTS_SHARE * atOnce || run.ports.hasRoom?.() === false;
    if (index > 0 && isFull) return false;
    const sizes = tooLarge.filter(({ window }) => window.startMs <= startMs && startMs < window.endMs);
    const window = pace.next(startMs, Math.min(...sizes.map(({ sizeMs }) => sizeMs)), endMs);
    // A budget that is over when a run begins to ask would keep the export where it is for ever.
    if (window === undefined || run.signal.aborted || (hasStarted && !hasBudget(run))) return false;
    const leave = index === 0 ? nothing : reserve(run);
    if (leave === undefined) return false;
    hasStarted = true;
    slots = slots.toSpliced(index, 0, start(window, index > 0, leave));
    return true;
  }

  function drop(slot: Slot): void {
    slots = slots.filter((other) => other !== slot);
    slot.leave();
  }

  function start(window: Window, isAhead: boolean, leave: () => void): Slot {
    const stop = new AbortController();
    const alone = { ...run, signal: AbortSignal.any([run.signal, stop.signal]) };
    const onRetry = () => {
      atOnce = 1;
    };
    const ended = stageOne(alone, opened, pace, window, { isAhead, onRetry }).then((outcome) => {
      slot.outcome = outcome;
      if (!stop.signal.aborted) learn(slot, outcome);
    });
    const slot: Slot = { window, stop, leave, ended, outcome: undefined };
    return slot;
  }

  function learn(slot: Slot, outcome: Outcome): void {
    if ('staged' in outcome) {
      pace.grow(slot.window, outcome.staged);
      const helps = outcome.staged.waitedMs > THINKING_SHARE * outcome.staged.durationMs;
      atOnce = Math.max(1, Math.min(run.options.windowsAtOnce, helps ? atOnce + 1 : atOnce - 1));
    } else if ('sizeMs' in outcome) {
      if (outcome.isSlow) atOnce = 1;
      pace.shrink(outcome.sizeMs);
      tooLarge = [...tooLarge, { window: slot.window, sizeMs: outcome.sizeMs }];
      drop(slot);
    } else if (slot.window.startMs !== fromMs) {
      // Whether it fails by itself shows when it is the first.
      atOnce = 1;
      failedMs = slot.window.startMs;
      drop(slot);
    }
    fill();
  }

  return {
    async take() {
      for (;;) {
        fill();
        const [first] = slots;
        if (first?.window.startMs === fromMs && first.outcome !== undefined) {
          drop(first);
          if ('error' in first.outcome) throw first.outcome.error;
          if (!('staged' in first.outcome)) continue;
          fromMs = first.window.endMs;
          tooLarge = tooLarge.filter(({ window }) => window.endMs > fromMs);
          return first.outcome.staged;
        }
        // Nothing under way can only mean that no window may be started any more.
        if (underWay(slots).length === 0) return undefined;
        await Promise.race(underWay(slots).map(({ ended }) => ended));
      }
    },

    async restart(nextMs) {
      const stopped = slots;
      slots = [];
      fromMs = nextMs;
      for (const { stop } of stopped) stop.abort(new Error('an earlier window has failed'));
      for (const slot of stopped) {
        await slot.ended;
        slot.leave();
        if (slot.outcome && 'staged' in slot.outcome) await opened.session.discard(slot.outcome.staged.parts);
      }
    },
  };
}

/** Asked last, for what it gives must be given back. */
function reserve({ ports: { sink } }: Run): (() => void) | undefined {
  return sink.reserve === undefined ? nothing : sink.reserve();
}

function underWay(slots: readonly Slot[]): Slot[] {
  return slots.filter(({ outcome }) => outcome === undefined);
}

/** The first range that no slot covers, behind `fromMs`, and where its slot belongs; `endMs` is open behind the last one. */
function firstGap(
  slots: readonly Slot[],
  fromMs: number,
): { index: number; startMs: number; endMs: number | undefined } {
  const endOf = (index: number) => slots[index]?.window.endMs ?? fromMs;
  const found = slots.findIndex(({ window }, index) => window.startMs > endOf(index - 1));
  const index = found === -1 ? slots.length : found;
  return { index, startMs: endOf(index - 1), endMs: slots[index]?.window.startMs };
}

async function stageOne(run: Run, opened: Opened, pace: Pace, window: Window, how: How): Promise<Outcome> {
  try {
    return { staged: await stageWindow(run, opened, window, how) };
  } catch (error) {
    if (!(error instanceof OversizeError)) return { error };
    pace.lower(error);
    const sizeMs = await narrow(run, opened, window, error, pace.targetRows);
    run.ports.log.debug(`${run.options.name}: ${error.message}; going on with windows of ${sizeMs} ms`);
    return { sizeMs, isSlow: error.rows === 0 };
  }
}
