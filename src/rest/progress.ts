import { Readable } from 'node:stream';
import { ExistsError, type Store } from '../core/lake/store.ts';
import type { LakePart } from '../core/lake/watermark.ts';
import type { Holder } from '../core/sink.ts';

/** How far the delivery of a part has come, by the ends of the keys of its batches: `3`, or `3.1` of one that was halved. */
export interface Progress {
  /** Whether the batch was too large. */
  isHalved(id: string): boolean;
  /** Remembers it over a crash: before one half is sent, no later attempt may send the whole again. */
  halve(id: string): Promise<void>;
  /** Whether the batch has been taken, by this run or another. */
  isTaken(id: string): boolean;
  /** The batch has been taken, like all before it; over a crash that is remembered of the one half a minute ago. */
  take(id: string): Promise<void>;
  /** Remembers what has been taken over the end of this run, best effort: what is not remembered is sent again. */
  keep(): Promise<void>;
  /** Forgets all. */
  remove(): Promise<void>;
}

/** What a file costs, two requests in a lake, against what is sent again after a crash. */
const KEEP_MS = 30_000;

/** Reads what has been remembered of a part, in small files beside the staged one, whose names say all. */
export async function openProgress(store: Store, { staged }: LakePart, holder: Holder): Promise<Progress> {
  const { log, leftMs = () => Number.POSITIVE_INFINITY } = holder;
  const start = `${staged.replace(/\.staged$/, '')}-`;
  const pathOf = (id: string, kind: 'halved' | 'taken') => `${start}${id}.${kind}.staged`;
  const files = new Set<string>();
  let taken: string | undefined;
  for await (const { path } of store.list(staged.slice(0, staged.lastIndexOf('/')))) {
    const [, id, kind] = (path.startsWith(start) && NOTE.exec(path.slice(start.length))) || [];
    if (id === undefined) continue;
    files.add(path);
    if (kind === 'taken') taken = further(taken, id);
  }
  let keptLeftMs = leftMs();

  async function note(path: string, id: string): Promise<void> {
    if (files.has(path)) return;
    await store.create(path, Readable.from([Buffer.from(`${id}\n`)])).catch((error: unknown) => {
      if (!(error instanceof ExistsError)) throw error;
    });
    files.add(path);
  }
  async function keep(): Promise<void> {
    if (taken === undefined) return;
    const id = taken;
    keptLeftMs = leftMs();
    await note(pathOf(id, 'taken'), id).catch((error: unknown) =>
      log.debug(`${staged}: that all up to ${id} was taken is not written down: ${error}`),
    );
  }

  return {
    isHalved: (id) => files.has(pathOf(id, 'halved')),
    halve: (id) => note(pathOf(id, 'halved'), id),
    isTaken: (id) => taken !== undefined && isUpTo(id, taken),
    async take(id) {
      taken = further(taken, id);
      if (keptLeftMs - leftMs() >= KEEP_MS) await keep();
    },
    keep,
    async remove() {
      for (const path of files) await store.remove(path);
    },
  };
}

const NOTE = /^(.*)\.(halved|taken)\.staged$/;

function further(one: string | undefined, other: string): string {
  return one === undefined || isUpTo(one, other) ? other : one;
}

/** Whether a batch has been taken when `last` and all before it have: `2.3` with `3`, `3.1` with `3`, but not `3` with `3.1`. */
function isUpTo(id: string, last: string): boolean {
  const numbers = id.split('.').map(Number);
  for (const [index, end] of last.split('.').map(Number).entries()) {
    const number = numbers[index] ?? Number.POSITIVE_INFINITY;
    if (number !== end) return number < end;
  }
  return true;
}
