import type { Batch, Rows } from '../rows.ts';
import { type Chunks, createChunks } from './chunks.ts';
import { type Compression, compress, ENDINGS } from './compress.ts';
import type { Format } from './format.ts';
import { CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET } from './tokens.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * One JSON object per part, `{"columns":["Name",...],"rows":[[cell,...],...]}`, as the Python program before this one
 * wrote it. Cells are the answer's own: a `dynamic` one stays the string that contains JSON, which is what that program's
 * SDK gave, and times keep their digits. Each row stands on a line of its own.
 */
export function createColumnsRows(compression: Compression): Format {
  const chunks = createChunks();
  return {
    extension: `.json${ENDINGS[compression]}`,
    encode: (rows) => compress(toJson(rows, chunks), compression, chunks),
  };
}

async function* toJson({ columns, batches }: Rows, chunks: Chunks): AsyncGenerator<Uint8Array> {
  const head = Buffer.from(`{"columns":${JSON.stringify(columns.map(({ name }) => name))},"rows":[`);
  let isFirst = true;
  for await (const batch of batches) {
    if (isFirst) yield head;
    yield rowsOf(batch, columns.length, isFirst, chunks);
    isFirst = false;
  }
  if (isFirst) yield head;
  yield Buffer.from('\n]}\n');
}

/** Each row with what comes before it: a line break, and a comma unless it is the first of all. */
function rowsOf({ bytes, cells, rows }: Batch, width: number, isFirst: boolean, chunks: Chunks): Uint8Array {
  let room = rows * (width + 3);
  for (let i = 0; i < 2 * rows * width; i += 2) room += (cells[i + 1] as number) - (cells[i] as number);
  const target = chunks.take(room);
  let out = 0;
  for (let row = 0; row < rows; row += 1) {
    if (!isFirst || row > 0) target[out++] = COMMA;
    target[out++] = LINE_FEED;
    for (let column = 0; column < width; column += 1) {
      target[out++] = column === 0 ? OPEN_BRACKET : COMMA;
      const at = 2 * (row * width + column);
      out = copyCell(bytes, cells[at] as number, cells[at + 1] as number, target, out);
    }
    target[out++] = CLOSE_BRACKET;
  }
  return target.subarray(0, out);
}

/** Without line breaks, which can only stand between the tokens of an object or an array. */
function copyCell(source: Uint8Array, from: number, to: number, target: Uint8Array, start: number): number {
  let out = start;
  const isContainer = source[from] === OPEN_BRACE || source[from] === OPEN_BRACKET;
  for (let i = from; i < to; i += 1) {
    const byte = source[i] as number;
    if (!isContainer || (byte !== LINE_FEED && byte !== CARRIAGE_RETURN)) target[out++] = byte;
  }
  return out;
}
