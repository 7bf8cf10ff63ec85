import type { Batch, Rows } from '../core/rows.ts';
import { type CopyTarget, type Kind, reserve, writeCell } from './copy-cells.ts';

/** What has been written so far. */
export interface Written {
  rows: number;
  bytes: number;
  /** Characters that PostgreSQL cannot hold. */
  replaced: number;
}

/** Chunks are of this size and a little more; a longer row is a chunk of its own. */
const CHUNK_BYTES = 128 * 1024;
const TAB = 0x09;
const NEWLINE = 0x0a;

/**
 * Rows in the text format of `copy ... from stdin`, each with `first` before its cells. Nothing becomes a JavaScript
 * value. Chunks belong to the consumer.
 */
export async function* toCopyText(
  { batches }: Rows,
  kinds: readonly Kind[],
  first: string,
  written: Written,
): AsyncGenerator<Uint8Array> {
  const target: CopyTarget = { bytes: new Uint8Array(2 * CHUNK_BYTES), at: 0, replaced: 0 };
  const start = Buffer.from(first);
  for await (const batch of batches) {
    for (let row = 0; row < batch.rows; ) {
      row = writeRows(batch, row, kinds, start, target);
      if (target.at >= CHUNK_BYTES) yield take(target, written);
    }
    written.rows += batch.rows;
  }
  if (target.at > 0) yield take(target, written);
}

/** Writes rows until the chunk is full or the batch ends; gives the next row. */
function writeRows(batch: Batch, from: number, kinds: readonly Kind[], start: Uint8Array, target: CopyTarget): number {
  const { bytes, cells, rows } = batch;
  let row = from;
  let cell = 2 * kinds.length * row;
  for (; row < rows && target.at < CHUNK_BYTES; row += 1) {
    reserve(target, start.length + 1);
    target.bytes.set(start, target.at);
    target.at += start.length;
    for (const kind of kinds) {
      target.bytes[target.at++] = TAB;
      writeCell(bytes, cells[cell] as number, cells[cell + 1] as number, kind, target);
      cell += 2;
    }
    target.bytes[target.at++] = NEWLINE;
  }
  return row;
}

/** A copy, so that the target stays small and warm. */
function take(target: CopyTarget, written: Written): Uint8Array {
  const chunk = target.bytes.slice(0, target.at);
  written.bytes += target.at;
  written.replaced += target.replaced;
  target.at = 0;
  target.replaced = 0;
  return chunk;
}
