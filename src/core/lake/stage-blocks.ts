import { randomBytes } from 'node:crypto';
import type { Format } from '../formats/format.ts';
import type { Rows } from '../rows.ts';
import type { PartKey } from '../sink.ts';
import { type BlockStore, UnansweredError } from './blocks.ts';
import { partPath } from './part.ts';
import { encodeRows } from './stage.ts';
import type { BlockPart } from './watermark.ts';

/** One request each: few, and small enough for memory and a slow line. */
const BLOCK_BYTES = 4 * 1024 * 1024;
/** How often the bytes of a block are sent, each time under another id. */
const ATTEMPTS = 4;
const ID_BYTES = 18;

export interface Blocks {
  readonly store: BlockStore;
  readonly format: Format;
  /** Resolves when bytes may be sent again after so many attempts. */
  readonly pause: (attempts: number) => Promise<void>;
}

/**
 * Sends rows as blocks of the part that they will become; `undefined` when there are none. Only acknowledged blocks are
 * listed.
 * @throws as `encodeRows`.
 */
export async function stageBlocks(
  { store, format, pause }: Blocks,
  exportName: string,
  key: PartKey,
  commit: number,
  rows: Rows,
): Promise<BlockPart | undefined> {
  const path = partPath(exportName, key, undefined, commit, format.extension);

  async function send(content: Uint8Array): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      // Of one length, and never the same: one that arrives late is of no list.
      const id = randomBytes(ID_BYTES).toString('base64');
      try {
        await store.putBlock(path, id, content);
        return id;
      } catch (error) {
        if (!(error instanceof UnansweredError) || attempt === ATTEMPTS) throw error;
      }
      await pause(attempt);
    }
  }

  const staged = await encodeRows(format, rows, async (content) => {
    const blocks: string[] = [];
    let bytes = 0;
    for await (const block of blocksOf(content)) {
      blocks.push(await send(block));
      bytes += block.length;
    }
    return { blocks, bytes };
  });
  return staged && { path, rows: staged.rows, ...staged.written };
}

/** Cuts content into blocks, each valid until the next one is asked for. */
async function* blocksOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let used = 0;
  for await (const chunk of content) {
    for (let from = 0; from < chunk.length; ) {
      const taken = Math.min(chunk.length - from, BLOCK_BYTES - used);
      block.set(chunk.subarray(from, from + taken), used);
      from += taken;
      used += taken;
      if (used < BLOCK_BYTES) continue;
      yield block;
      used = 0;
    }
  }
  if (used > 0) yield block.subarray(0, used);
}
