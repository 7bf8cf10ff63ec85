import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

/** The text of one column of a part's rows. */
export async function* readColumn(
  _path: string,
  content: AsyncIterable<Uint8Array>,
  column: string,
): AsyncGenerator<string | null> {
  for await (const line of createInterface({ input: Readable.from(content) })) yield JSON.parse(line)[column] ?? null;
}
