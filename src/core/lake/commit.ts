import { SupersededError } from '../sink.ts';
import { formatIso } from '../window.ts';
import { type Files, NotSentError } from './store.ts';
import { formatWatermark, readWatermark, type StoredWatermark, type Watermark, watermarkPath } from './watermark.ts';

export function supersededBy({ runId, position }: Watermark, options?: ErrorOptions): SupersededError {
  return new SupersededError(`run ${runId} has exported until ${formatIso(position.exportedUntilMs)}`, options);
}

/** A reply may be lost and the write still be under way: so often is it sent before the run fails. */
const ATTEMPTS = 2;

/**
 * Replaces a home's watermark in one conditional write. That it resolves is proof. Any other answer proves nothing: it may
 * be a repeated attempt that met its own success. What counts then is the watermark that is read back.
 * @param held as it was last read or written.
 * @param via gives an unused path that the store may write to first.
 * @returns the new one.
 * @throws SupersededError when another run was first.
 * @throws NotSentError when nothing has been sent.
 * @throws any other error when the outcome is unknown: the write may still land.
 */
export async function commitWatermark(
  store: Files,
  home: string,
  held: StoredWatermark,
  next: Watermark,
  via: () => string,
): Promise<StoredWatermark> {
  const path = watermarkPath(home);
  const text = formatWatermark(next);
  const causes: unknown[] = [];
  let { etag } = held;
  while (causes.length < ATTEMPTS) {
    try {
      return { ...next, etag: await store.replace(path, text, etag, via()) };
    } catch (error) {
      causes.push(error);
    }
    const found = await readBack(store, home, causes.at(-1));
    if (found.runId === next.runId && found.commit === next.commit) return found;
    if (!isStill(held, found)) throw supersededBy(found);
    etag = found.etag;
  }
  const cause = causes.at(-1);
  if (causes.every((error) => error instanceof NotSentError)) throw cause;
  throw new Error(
    `${path}: the commit until ${formatIso(next.position.exportedUntilMs)} was sent ${ATTEMPTS} times and has not ` +
      'arrived. It may still do so; the next run goes on from whatever it finds',
    { cause },
  );
}

/** @throws SupersededError when the watermark is not `held` any more. */
export async function confirmWatermark(store: Files, home: string, held: StoredWatermark): Promise<void> {
  const found = await readBack(store, home);
  if (!isStill(held, found)) throw supersededBy(found);
}

/** Whether it is the same watermark: under the same ETag, or moved by a server that gave it another one. */
export function isStill(held: StoredWatermark, found: StoredWatermark): boolean {
  return found.etag === held.etag || formatWatermark(found) === formatWatermark(held);
}

async function readBack(store: Files, home: string, cause?: unknown): Promise<StoredWatermark> {
  const found = await readWatermark(store, home);
  if (found !== undefined) return found;
  throw new Error(`${watermarkPath(home)} is gone: someone deleted it during the run`, { cause });
}
