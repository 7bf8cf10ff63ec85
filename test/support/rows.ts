import type { Column, Rows } from '../../src/core/rows.ts';

/** Rows of JavaScript values, each a batch of its own; all objects have the names of the columns. */
export function rowsOf(columns: readonly string[], objects: Iterable<object> | AsyncIterable<object>): Rows {
  const typed: Column[] = columns.map((name) => ({ name, type: 'dynamic' }));
  async function* batches() {
    for await (const object of objects) {
      const values = new Map(Object.entries(object));
      const texts = columns.map((name) => JSON.stringify(values.get(name) ?? null));
      const bytes = Buffer.from(`[${texts.join(',')}]`);
      const cells = new Int32Array(2 * columns.length);
      let at = 1;
      for (const [index, text] of texts.entries()) {
        cells[2 * index] = at;
        at += Buffer.byteLength(text);
        cells[2 * index + 1] = at;
        at += 1;
      }
      yield { bytes, cells, rows: 1 };
    }
  }
  return { columns: typed, batches: batches() };
}
