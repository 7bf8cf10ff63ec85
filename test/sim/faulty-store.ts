import { ExistsError, NotSentError, type Store } from '../../src/core/lake/store.ts';
import type { Faults } from './faults.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';

/** A store as one actor sees it over a bad network. */
export function createFaultyStore(
  store: Store,
  random: Random,
  scheduler: Scheduler,
  actor: Actor,
  { read, write, crash, lost, faults }: Faults,
): Store {
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
      return await write(
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
