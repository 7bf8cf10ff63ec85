/** A column of an answer. `type` is the service's: string, long, int, real, bool, datetime, timespan, guid, decimal, dynamic. */
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
 * Some rows, as their cells came: each is one whole JSON value in valid UTF-8. The cell of row `r` and column `c` begins
 * at `cells[2 * (r * columns + c)]` of `bytes` and ends before `cells[2 * (r * columns + c) + 1]`. Valid until the next
 * batch is asked for.
 */
export interface Batch {
  readonly bytes: Uint8Array;
  readonly cells: Int32Array;
  readonly rows: number;
}

/** The rows as objects, for a few small ones: numbers beyond 2^53 are rounded. */
export async function readObjects({ columns, batches }: Rows): Promise<Record<string, unknown>[]> {
  const objects: Record<string, unknown>[] = [];
  for await (const { bytes, cells, rows } of batches) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let row = 0; row < rows; row += 1) {
      const entries = columns.map(({ name }, column) => {
        const at = 2 * (row * columns.length + column);
        return [name, JSON.parse(text.toString('utf8', cells[at], cells[at + 1]))] as const;
      });
      objects.push(Object.fromEntries(entries));
    }
  }
  return objects;
}
