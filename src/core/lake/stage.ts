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
 * Has `write` write the bytes of a part; `undefined` when there are no rows. It may try several times before it reads.
 * @throws StageError when `write` fails, and what the rows throw.
 */
export async function encodeRows<T>(
  format: Format,
  { columns, batches }: Rows,
  write: (content: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<{ rows: number; written: T } | undefined> {
  const iterator = batches[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return undefined;
  const counted = { rows: 0, broke: false };
  try {
    const written = await write(format.encode({ columns, batches: resume(first.value, iterator, counted) }));
    return { rows: counted.rows, written };
  } catch (error) {
    if (counted.broke) throw error;
    throw new StageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Streams rows into a new staged file; `undefined` when there are none. @throws as `encodeRows`. */
export async function stageRows(
  { store, format }: { readonly store: Store; readonly format: Format },
  exportName: string,
  key: PartKey,
  commit: number,
  rows: Rows,
  names: StagedNames,
): Promise<LakePart | undefined> {
  const staged = await encodeRows(format, rows, (content) => create(store, names, content));
  if (staged === undefined) return undefined;
  const path = partPath(exportName, key, staged.rows, commit, format.extension);
  return { ...staged.written, path, rows: staged.rows };
}

async function create(store: Store, names: StagedNames, content: AsyncIterable<Uint8Array>) {
  for (let attempt = 1; ; attempt++) {
    const staged = names.next();
    try {
      // The store refuses before it reads, so that the content is still whole for another name.
      return { staged, ...(await store.create(staged, content)) };
    } catch (error) {
      if (!(error instanceof ExistsError) || attempt === NAMES_LIMIT) throw error;
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
