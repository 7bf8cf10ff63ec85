import { copyFew, SLACK_BYTES, viewOf } from '../bytes.ts';
import type { Batch, Column, Rows } from '../rows.ts';
import { type Chunks, createChunks } from './chunks.ts';
import { type Compression, compress, ENDINGS } from './compress.ts';
import { copyCompact, unwrapDynamic } from './dynamic.ts';
import type { Format } from './format.ts';
import { CLOSE_BRACE, isContainer, QUOTE } from './tokens.ts';

/** Up to here a loop is faster than a call. */
const SHORT_BYTES = 128;

/**
 * One JSON object per line, with every column in the answer's order. Cells are copied byte for byte; of `dynamic` ones
 * objects and arrays are unwrapped.
 */
export function createLines(compression: Compression): Format {
  const chunks = createChunks();
  return {
    extension: `.jsonl${ENDINGS[compression]}`,
    encode: (rows) => compress(toLines(rows, chunks), compression, chunks),
  };
}

async function* toLines({ columns, batches }: Rows, chunks: Chunks): AsyncGenerator<Uint8Array> {
  const layout = layoutOf(columns);
  for await (const batch of batches) yield linesOf(batch, layout, chunks);
}

/** What stands before each cell, one behind the other: `{"Name":` or `,"Name":`. */
interface Layout {
  readonly keys: DataView;
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
  const view = viewOf(Buffer.concat([...keys, Buffer.alloc(SLACK_BYTES)]));
  return { keys: view, keyEnds, isDynamic: columns.map(({ type }) => type === 'dynamic') };
}

function linesOf(batch: Batch, { keys, keyEnds, isDynamic }: Layout, chunks: Chunks): Uint8Array {
  const { cells, rows } = batch;
  const columns = keyEnds.length;
  const source = withSlack(batch.bytes, cells[2 * columns * rows - 1] as number);
  let room = rows * (keys.byteLength + 2) + SLACK_BYTES;
  for (let i = 0; i < 2 * columns * rows; i += 2) room += (cells[i + 1] as number) - (cells[i] as number);
  const target = chunks.take(room);
  const [from, to] = [viewOf(source), viewOf(target)];
  let out = 0;
  let cell = 0;
  for (let row = 0; row < rows; row += 1) {
    let key = 0;
    for (let column = 0; column < columns; column += 1) {
      const keyEnd = keyEnds[column] as number;
      out = copyFew(keys, key, keyEnd, to, out);
      key = keyEnd;
      const start = cells[cell++] as number;
      const end = cells[cell++] as number;
      const byte = source[start];
      const unwrapped = isDynamic[column] && byte === QUOTE ? unwrapDynamic(source, start, target, out) : -1;
      if (unwrapped >= 0) out = unwrapped;
      else if (isContainer(byte)) out = copyCompact(source, start, end, target, out);
      else if (end - start > SHORT_BYTES) out += source.copy(target, out, start, end);
      else out = copyFew(from, start, end, to, out);
    }
    target[out++] = CLOSE_BRACE;
    target[out++] = 0x0a;
  }
  return target.subarray(0, out);
}

/** A copy only where nothing stands behind the last cell: in an answer a bracket does, and mostly more. */
function withSlack(bytes: Uint8Array, end: number): Buffer {
  if (end + SLACK_BYTES > bytes.length) return Buffer.concat([bytes, Buffer.alloc(SLACK_BYTES)]);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
