import type { Random } from '../sim/random.ts';
import type { EndedRun } from './kill-runs.ts';

/** When to kill: at any time of a run's life, which is longer on a busy machine. */
export interface Moments {
  /** Milliseconds after the start of a process. */
  pick(random: Random): number;
  /** From how a run ended. */
  learn(run: EndedRun): void;
}

const FIRST_REACH_MS = 1_500;
const REACH_MS = { from: 300, to: 6_000 };
/** These balance when about two of three runs are killed: often enough in the middle of work, and some get through. */
const LONGER = 1.1;
const SHORTER = 0.8;
/** Another run has made this one end before its time. */
const SUPERSEDED = 0.93;

export function createMoments(): Moments {
  let reachMs = FIRST_REACH_MS;
  return {
    pick: (random) => reachMs * random.next(),
    learn({ wasKilled, report }) {
      const factor = wasKilled ? LONGER : report?.outcome === 'exported' ? SHORTER : SUPERSEDED;
      reachMs = Math.min(Math.max(reachMs * factor, REACH_MS.from), REACH_MS.to);
    },
  };
}
