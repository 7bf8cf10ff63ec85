import type { Batch, Column, Rows } from '../../src/core/rows.ts';

/**
 * Rows made of cells that are given as JSON text. Like those of an answer, the cells of a batch stand in what came around
 * them, and its bytes are worth nothing once the next batch is asked for.
 * @param batchBytes a batch ends with the first row that fills it.
 */
export function rowsOf(
  columns: readonly Column[],
  rows: Iterable<readonly string[]>,
  batchBytes = 256 * 1024,
): Rows & { readonly closed: Promise<void> } {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  async function* batches(): AsyncGenerator<Batch> {
    try {
      for (const batch of split(columns.length, rows, batchBytes)) {
        yield batch;
        batch.bytes.fill(0xff);
        batch.cells.fill(-1);
      }
    } finally {
      resolve();
    }
  }
  return { columns, batches: batches(), closed };
}

function* split(width: number, rows: Iterable<readonly string[]>, batchBytes: number): Generator<Batch> {
  let text = '';
  let at = 0;
  let cells: number[] = [];
  const take = () => {
    const batch = { bytes: Buffer.from(text), cells: Int32Array.from(cells), rows: cells.length / (2 * width) };
    [text, at, cells] = ['', 0, []];
    return batch;
  };
  for (const row of rows) {
    if (row.length !== width) throw new Error(`found a row of ${row.length} cells, expected ${width}`);
    for (const [index, cell] of row.entries()) {
      const length = Buffer.byteLength(cell);
      cells.push(at + 3, at + 3 + length);
      text += `${index === 0 ? ',[ ' : ' , '}${cell}`;
      at += 3 + length;
    }
    text += ' ]';
    at += 2;
    if (at >= batchBytes) yield take();
  }
  if (cells.length > 0) yield take();
}
