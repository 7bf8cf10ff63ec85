import type { Random } from './random.ts';
import { settle } from './settle.ts';

/** One run of the exporter, as the scheduler sees it. */
export interface Actor {
  readonly name: string;
  crashed: boolean;
  /** Not scheduled before this time. */
  pausedUntilMs: number;
}

/** Lets one actor go on at a time, chosen at random, and owns the true time. */
export interface Scheduler {
  readonly nowMs: () => number;
  advance(ms: number): void;
  /** Resolves when it is the actor's turn; never, when it has crashed. */
  turn(actor: Actor): Promise<void>;
  /** Lets one waiting actor go on until it waits again; `false` when none can. */
  step(): Promise<boolean>;
}

export function createScheduler(random: Random, startMs: number, tickMs: () => number): Scheduler {
  let nowMs = startMs;
  let waiting: { actor: Actor; resume: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
    turn: (actor) => new Promise((resume) => waiting.push({ actor, resume })),
    async step() {
      waiting = waiting.filter(({ actor }) => !actor.crashed);
      const ready = waiting.filter(({ actor }) => actor.pausedUntilMs <= nowMs);
      if (ready.length === 0) return false;
      const chosen = random.pick(ready);
      waiting = waiting.filter((other) => other !== chosen);
      nowMs += tickMs();
      chosen.resume();
      await settle();
      return true;
    },
  };
}
