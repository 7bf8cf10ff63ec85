import type { Batch, Column, Rows } from '../rows.ts';
import { type Chunks, createChunks } from './chunks.ts';
import { type Compression, compress } from './compress.ts';
import { copyCompact, unwrapDynamic } from './dynamic.ts';
import type { Format } from './format.ts';
import { CLOSE_BRACE, isContainer, QUOTE } from './tokens.ts';

const EXTENSIONS: Readonly<Record<Compression, string>> = { gzip: '.jsonl.gz', none: '.jsonl', zstd: '.jsonl.zst' };
/** Up to here a loop is faster than a call. */
const SHORT_BYTES = 48;

/**
 * One JSON object per line, with every column in the answer's order. Cells are copied byte for byte; of `dynamic` ones
 * objects and arrays are unwrapped.
 */
export function createLines(compression: Compression): Format {
  return {
    extension: EXTENSIONS[compression],
    encode(rows) {
      const chunks = createChunks();
      return compress(toLines(rows, chunks), compression, chunks);
    },
  };
}

async function* toLines({ columns, batches }: Rows, chunks: Chunks): AsyncGenerator<Uint8Array> {
  const layout = layoutOf(columns);
  for await (const batch of batches) yield linesOf(batch, layout, chunks);
}

/** What stands before each cell, one behind the other: `{"Name":` or `,"Name":`. */
interface Layout {
  readonly keys: Uint8Array;
  readonly keyEnds: readonly number[];
  readonly isDynamic: readonly boolean[];
}

function layoutOf(columns: readonly Column[]): Layout {
  const keys = columns.map(({ name }, index) => Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`));
  let end = 0;
  const keyEnds = keys.map(({ length }) => {
    end += length;
    return end;
  });
  return { keys: Buffer.concat(keys), keyEnds, isDynamic: columns.map(({ type }) => type === 'dynamic') };
}

function linesOf(batch: Batch, { keys, keyEnds, isDynamic }: Layout, chunks: Chunks): Uint8Array {
  const { cells, rows } = batch;
  const source = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength);
  const columns = keyEnds.length;
  let room = rows * (keys.length + 2);
  for (let i = 0; i < 2 * columns * rows; i += 2) room += (cells[i + 1] as number) - (cells[i] as number);
  const target = chunks.take(room);
  let out = 0;
  let cell = 0;
  for (let row = 0; row < rows; row += 1) {
    let key = 0;
    for (let column = 0; column < columns; column += 1) {
      const keyEnd = keyEnds[column] as number;
      while (key < keyEnd) target[out++] = keys[key++] as number;
      const from = cells[cell++] as number;
      const to = cells[cell++] as number;
      const byte = source[from];
      const unwrapped = isDynamic[column] && byte === QUOTE ? unwrapDynamic(source, from, target, out) : -1;
      if (unwrapped >= 0) out = unwrapped;
      else if (isContainer(byte)) out = copyCompact(source, from, to, target, out);
      else if (to - from > SHORT_BYTES) out += source.copy(target, out, from, to);
      else for (let i = from; i < to; i += 1) target[out++] = source[i] as number;
    }
    target[out++] = CLOSE_BRACE;
    target[out++] = 0x0a;
  }
  return target.subarray(0, out);
}
