const LINE_FEED = 0x0a;

/**
 * Cuts lines into batches of at most `maxBytes`, and a longer line into one of its own: by the bytes alone, however they
 * come in chunks. Memory is bounded by the longest line.
 * @throws when the last line has no end.
 */
export async function* cutBatches(lines: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Buffer> {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  let enough = maxBytes;
  for await (const chunk of lines) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes <= enough) continue;
    const rest = yield* cut(Buffer.concat(chunks), maxBytes);
    chunks = [rest];
    bytes = rest.length;
    // A line that is longer is looked at again only when there is much more of it.
    enough = Math.max(maxBytes, 2 * bytes);
  }
  const rest = yield* cut(Buffer.concat(chunks), maxBytes);
  if (rest.length === 0) return;
  if (rest.at(-1) !== LINE_FEED) throw new Error('the last line has no end: the file is not whole');
  yield rest;
}

/** Gives the batches that are whole, and returns what is left. */
function* cut(lines: Buffer, maxBytes: number): Generator<Buffer, Buffer> {
  let from = 0;
  while (lines.length - from > maxBytes) {
    const last = lines.lastIndexOf(LINE_FEED, from + maxBytes - 1);
    const end = last >= from ? last : lines.indexOf(LINE_FEED, from + maxBytes);
    if (end < 0) break;
    yield lines.subarray(from, end + 1);
    from = end + 1;
  }
  return lines.subarray(from);
}

/** Two batches in place of one, cut at the end of a line near its middle; `undefined` when it is a single line. */
export function halve(batch: Buffer): readonly [Buffer, Buffer] | undefined {
  const middle = Math.floor((batch.length - 1) / 2);
  const before = batch.lastIndexOf(LINE_FEED, middle) + 1;
  const end = before > 0 ? before : batch.indexOf(LINE_FEED, middle) + 1;
  return end === batch.length ? undefined : [batch.subarray(0, end), batch.subarray(end)];
}
