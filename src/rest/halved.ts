import { ExistsError, type Store } from '../core/lake/store.ts';
import type { LakePart } from '../core/lake/watermark.ts';

/** The batches of a part that were too large, by the ends of their keys. */
export interface Halved {
  has(id: string): boolean;
  /** Remembers it over a crash: before one half is sent, no later attempt may send the whole again. */
  add(id: string): Promise<void>;
  /** Forgets all. */
  remove(): Promise<void>;
}

/** Reads what has been remembered of a part, in small files beside the staged one. */
export async function openHalved(store: Store, { staged }: LakePart): Promise<Halved> {
  const start = `${staged.replace(/\.staged$/, '')}-`;
  const end = '.halved.staged';
  const ids = new Set<string>();
  for await (const { path } of store.list(staged.slice(0, staged.lastIndexOf('/')))) {
    if (path.startsWith(start) && path.endsWith(end)) ids.add(path.slice(start.length, -end.length));
  }
  return {
    has: (id) => ids.has(id),
    async add(id) {
      await store.create(`${start}${id}${end}`, oneLine(id)).catch((error: unknown) => {
        if (!(error instanceof ExistsError)) throw error;
      });
      ids.add(id);
    },
    async remove() {
      for (const id of ids) await store.remove(`${start}${id}${end}`);
    },
  };
}

async function* oneLine(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${text}\n`);
}
