import type { Batch, Column, Rows } from '../../src/core/rows.ts';

/** Rows of objects with the same names, in batches of `size`. */
export function toRows(objects: readonly object[], size = 1): Rows {
  const names = Object.keys(objects[0] ?? {});
  async function* batches(): AsyncGenerator<Batch> {
    for (let from = 0; from < objects.length; from += size) yield toBatch(objects.slice(from, from + size), names);
  }
  return { columns: toColumns(names), batches: batches() };
}

/** Rows of objects that come one by one, each a batch of its own. */
export function rowsOf(names: readonly string[], objects: Iterable<object> | AsyncIterable<object>): Rows {
  async function* batches(): AsyncGenerator<Batch> {
    for await (const object of objects) yield toBatch([object], names);
  }
  return { columns: toColumns(names), batches: batches() };
}

export function toColumns(names: readonly string[], type = 'string'): Column[] {
  return names.map((name) => ({ name, type }));
}

function toBatch(objects: readonly object[], names: readonly string[]): Batch {
  let text = '';
  const cells: number[] = [];
  for (const object of objects) {
    for (const name of names) {
      cells.push(Buffer.byteLength(text));
      text += JSON.stringify(Reflect.get(object, name) ?? null);
      cells.push(Buffer.byteLength(text));
    }
  }
  return { bytes: Buffer.from(`${text}\0`), cells: Int32Array.from(cells), rows: objects.length };
}
