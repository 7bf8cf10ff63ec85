import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';
import { settle } from './settle.ts';

export interface StoreFaults {
  /** Probabilities, per call. */
  readonly crash: number;
  /** The call fails and nothing has happened. */
  readonly fail: number;
  /** The effect happens, the caller sees an error. */
  readonly loseReply: number;
  /** The effect happens, the reply is lost, and the SDK's own retry meets its own success. */
  readonly retry: number;
  /** The caller sees an error, and the request arrives later. */
  readonly delay: number;
}

export const NO_STORE_FAULTS: StoreFaults = { crash: 0, fail: 0, loseReply: 0, retry: 0, delay: 0 };

/** Requests that were sent and have not arrived. */
export interface Underway {
  readonly requests: (() => Promise<unknown>)[];
}

/** The calls of one actor over a bad network. */
export function createFaults(
  random: Random,
  scheduler: Scheduler,
  actor: Actor,
  faults: StoreFaults,
  underway: Underway,
) {
  const lost = () => new Error('the connection was lost');

  async function crash(): Promise<never> {
    actor.crashed = true;
    return await new Promise<never>(() => {});
  }

  return {
    lost,
    crash,
    faults,
    /** Only fails or crashes. */
    async read<T>(effect: () => Promise<T>): Promise<T> {
      await scheduler.turn(actor);
      if (random.chance(faults.fail)) throw lost();
      return await effect();
    },
    /** `late`: what the service does when the request arrives once more or too late. */
    async write<T>(effect: () => Promise<T>, late: () => Promise<unknown>, retry = faults.retry): Promise<T> {
      await scheduler.turn(actor);
      if (random.chance(faults.crash)) return await crash();
      if (random.chance(faults.fail)) throw lost();
      if (random.chance(faults.delay)) {
        underway.requests.push(late);
        throw lost();
      }
      const result = await effect();
      if (random.chance(faults.delay)) underway.requests.push(late);
      if (random.chance(faults.crash)) return await crash();
      if (random.chance(retry)) {
        await scheduler.turn(actor);
        return await effect();
      }
      if (random.chance(faults.loseReply)) throw lost();
      await scheduler.turn(actor);
      return result;
    },
    /** Sent once: it arrives at once, later, or never. */
    async writeOnce(effect: () => Promise<void>): Promise<void> {
      await scheduler.turn(actor);
      if (random.chance(faults.crash)) return await crash();
      if (random.chance(faults.fail)) throw lost();
      if (random.chance(faults.delay)) {
        underway.requests.push(effect);
        throw lost();
      }
      await effect();
      if (random.chance(faults.crash)) return await crash();
      if (random.chance(faults.loseReply)) throw lost();
      await scheduler.turn(actor);
    },
  };
}

export type Faults = ReturnType<typeof createFaults>;

/** Lets a request that was under way arrive. */
export async function deliver(underway: Underway, random: Random): Promise<void> {
  const index = random.between(0, underway.requests.length - 1);
  const [request] = underway.requests.splice(index, 1);
  if (request === undefined) return;
  await request().catch(() => undefined); // nobody hears the answer
  await settle();
}
