import { setImmediate } from 'node:timers/promises';
import { ExistsError, NotSentError, type Store } from '../../src/core/lake/store.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';

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

/** Requests that were sent and have not arrived. */
export interface Underway {
  readonly requests: (() => Promise<unknown>)[];
}

/** A store as one actor sees it over a bad network. Reads only fail or crash. */
export function createFaultyStore(
  store: Store,
  random: Random,
  scheduler: Scheduler,
  actor: Actor,
  faults: StoreFaults,
  underway: Underway,
): Store {
  const lost = () => new Error('the connection was lost');

  async function read<T>(effect: () => Promise<T>): Promise<T> {
    await scheduler.turn(actor);
    if (random.chance(faults.fail)) throw lost();
    return await effect();
  }

  /** `late`: what the service does when the request arrives once more or too late. */
  async function write<T>(effect: () => Promise<T>, late: () => Promise<unknown>, retry = faults.retry): Promise<T> {
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
  }

  async function crash(): Promise<never> {
    actor.crashed = true;
    return await new Promise<never>(() => {});
  }

  async function* empty(): AsyncIterable<Uint8Array> {}

  return {
    read: (path) => read(() => store.read(path)),
    readStream: (path) => read(() => store.readStream(path)),
    stat: (path) => read(() => store.stat(path)),
    async *list(folder, options) {
      yield* await read(() => Array.fromAsync(store.list(folder, options)));
    },
    async create(path, content) {
      await scheduler.turn(actor);
      if (random.chance(faults.fail)) throw lost();
      if (random.chance(faults.retry)) {
        await store.create(path, empty());
        throw new ExistsError(`${path} is there, by the first attempt`);
      }
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(chunk);
      async function* whole(): AsyncIterable<Uint8Array> {
        yield* chunks;
      }
      // Late or crashed in the middle, a create leaves an empty file.
      if (random.chance(faults.crash)) {
        await store.create(path, empty()).catch(() => undefined);
        return await crash();
      }
      return await write(
        () => store.create(path, whole()),
        () => store.create(path, empty()),
        0,
      );
    },
    async replace(path, text, etag, via) {
      if (random.chance(faults.fail / 2)) {
        await scheduler.turn(actor);
        throw new NotSentError(path, lost());
      }
      await write(
        () => store.replace(path, text, etag, via),
        () => store.replace(path, text, etag, via),
      );
    },
    rename: (from, to, etag) =>
      write(
        () => store.rename(from, to, etag),
        () => store.rename(from, to, etag),
      ),
    remove: (path) =>
      write(
        () => store.remove(path),
        () => store.remove(path),
      ),
  };
}

/** Lets a request that was under way arrive. */
export async function deliver(underway: Underway, random: Random): Promise<void> {
  const index = random.between(0, underway.requests.length - 1);
  const [request] = underway.requests.splice(index, 1);
  if (request === undefined) return;
  await request().catch(() => undefined); // nobody hears the answer
  await setImmediate();
}
