import type { Format } from '../formats/format.ts';
import type { Batch, Rows } from '../rows.ts';
import type { PartKey } from '../sink.ts';
import { partPath } from './part.ts';
import type { StagedNames } from './staging.ts';
import { ExistsError, type Store } from './store.ts';
import type { LakePart } from './watermark.ts';

/** A name in a run's own folder can only be taken by an earlier attempt of the same request. */
const NAMES_LIMIT = 3;

/** The rows are fine, but could not be staged. */
export class StageError extends Error {
  override readonly name = 'StageError';
}

/**
 * Streams rows into a new staged file; `undefined` when there are none.
 * @param commit counts the commit that the part is for.
 * @throws StageError when the store fails, and what the rows throw.
 */
export async function stageRows(
  { store, format }: { readonly store: Store; readonly format: Format },
  exportName: string,
  key: PartKey,
  commit: number,
  { columns, batches }: Rows,
  names: StagedNames,
): Promise<LakePart | undefined> {
  const iterator = batches[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return undefined;
  for (let attempt = 1; ; attempt++) {
    const staged = names.next();
    const counted = { rows: 0, broke: false };
    try {
      // The store refuses before it reads, so that the rows are still whole for another name.
      const content = format.encode({ columns, batches: resume(first.value, iterator, counted) });
      const { bytes, etag } = await store.create(staged, content);
      const path = partPath(exportName, key, counted.rows, commit, format.extension);
      return { staged, path, rows: counted.rows, bytes, etag };
    } catch (error) {
      if (counted.broke) throw error;
      if (error instanceof ExistsError && attempt < NAMES_LIMIT) continue;
      throw new StageError(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }
}

async function* resume(
  first: Batch,
  rest: AsyncIterator<Batch>,
  counted: { rows: number; broke: boolean },
): AsyncIterable<Batch> {
  const more = () =>
    rest.next().catch((error: unknown) => {
      counted.broke = true;
      throw error;
    });
  try {
    counted.rows += first.rows;
    yield first;
    for (let next = await more(); !next.done; next = await more()) {
      counted.rows += next.value.rows;
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}
