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
 * Replaces a home's watermark in one conditional write. Its answer proves nothing either way, so what counts is the
 * watermark that is read back, and given.
 * @param via gives an unused path that the store may write to first.
 * @throws SupersededError when another run was first.
 * @throws NotSentError when nothing has been sent.
 * @throws any other error when the outcome is unknown: the write may still land.
 */
export async function commitWatermark(
  store: Files,
  home: string,
  etag: string,
  next: Watermark,
  via: () => string,
): Promise<StoredWatermark> {
  const path = watermarkPath(home);
  const text = formatWatermark(next);
  const causes: unknown[] = [];
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    await store.replace(path, text, etag, via()).catch((error: unknown) => causes.push(error));
    const found = await readWatermark(store, home);
    if (found === undefined) {
      throw new Error(`${path} is gone: someone deleted it during the run`, { cause: causes.at(-1) });
    }
    if (found.runId === next.runId && found.commit === next.commit) return found;
    if (found.etag !== etag) {
      throw supersededBy(found);
    }
  }
  const cause = causes.at(-1);
  if (causes.length === ATTEMPTS && causes.every((error) => error instanceof NotSentError)) throw cause;
  throw new Error(
    `${path}: the commit until ${formatIso(next.position.exportedUntilMs)} was sent ${ATTEMPTS} times and has not ` +
      'arrived. It may still do so; the next run goes on from whatever it finds',
    { cause },
  );
}
