/** A column. `type` is the service's: string, long, int, real, bool, datetime, timespan, guid, decimal, dynamic. */
export interface Column {
  readonly name: string;
  readonly type: string;
}

/** The rows of an answer: its columns first, then all rows, read once. */
export interface Rows {
  readonly columns: readonly Column[];
  /** Never an empty batch; none at all for an answer without rows. Throws when the answer turns out not to be whole. */
  readonly batches: AsyncIterable<Batch>;
}

/**
 * Some rows, as their cells came: each is one whole JSON value in valid UTF-8. The cell of row `r` and column `c`
 * begins at `cells[2 * (r * columns + c)]` of `bytes` and ends before `cells[2 * (r * columns + c) + 1]`. Valid until
 * the next batch is asked for.
 */
export interface Batch {
  readonly bytes: Uint8Array;
  readonly cells: Int32Array;
  readonly rows: number;
}

/** The batches of `rest` behind the one that was taken from it. */
export async function* resume(first: IteratorResult<Batch>, rest: AsyncIterator<Batch>): AsyncGenerator<Batch> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/** A few small rows as values. Cells of type `dynamic` stay text. */
export async function readAll({ columns, batches }: Rows): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for await (const { bytes, cells, rows } of batches) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let row = 0; row < rows; row += 1) {
      const values = columns.map(({ name }, column): [string, unknown] => {
        const at = 2 * (row * columns.length + column);
        return [name, JSON.parse(text.toString('utf8', cells[at], cells[at + 1]))];
      });
      found.push(Object.fromEntries(values));
    }
  }
  return found;
}
