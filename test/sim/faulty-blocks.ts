import { type BlockStore, UnansweredError } from '../../src/core/lake/blocks.ts';
import type { Faults } from './faults.ts';

/** A flat account as one actor sees it over a bad network: any request may come twice, but for that of a block. */
export function createFaultyBlocks(store: BlockStore, { read, write, writeOnce }: Faults): BlockStore {
  const twice = <T>(effect: () => Promise<T>) => write(effect, effect);
  return {
    read: (path) => read(() => store.read(path)),
    readStream: (path) => read(() => store.readStream(path)),
    stat: (path) => read(() => store.stat(path)),
    async *list(folder, options) {
      yield* await read(() => Array.fromAsync(store.list(folder, options)));
    },
    async putBlock(path, id, content) {
      const kept = Uint8Array.from(content); // the caller's until this ends, and it may arrive later
      await writeOnce(() => store.putBlock(path, id, kept)).catch((cause: unknown) => {
        throw new UnansweredError('the connection was lost', { cause });
      });
    },
    putList: (path, ids, rows) => twice(() => store.putList(path, ids, rows)),
    replace: (path, text, etag, via) => twice(() => store.replace(path, text, etag, via)),
    remove: (path) => twice(() => store.remove(path)),
  };
}
