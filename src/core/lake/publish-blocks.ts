import { formatCount } from '../human.ts';
import type { Log } from '../log.ts';
import { DAY_MS } from '../window.ts';
import { type BlockStore, NoBlocksError } from './blocks.ts';
import { ExistsError } from './store.ts';
import type { BlockPart } from './watermark.ts';

/** Blocks are kept for seven days; clocks may differ. */
const KEPT_MS = 6 * DAY_MS;

/**
 * Makes a part of its blocks. They are the token: where they are not, the part has been published, by this run or another.
 * @param ageMs how long ago it was committed.
 * @throws when the part is neither published nor can be; nothing is deleted then.
 */
export async function publishBlocks(store: BlockStore, part: BlockPart, ageMs: number, log: Log): Promise<void> {
  const { path, blocks, rows, bytes } = part;
  try {
    await store.putList(path, blocks, rows);
  } catch (cause) {
    const found = await store.stat(path);
    if (found !== undefined && found.bytes !== bytes) {
      throw new Error(
        `${path} is another file (found ${found.bytes} bytes, expected ${bytes}) and is not overwritten: move it away, and ` +
          'the next run publishes the part',
        { cause },
      );
    }
    if (found !== undefined || cause instanceof ExistsError) return;
    if (!(cause instanceof NoBlocksError)) {
      throw new Error(`${path} cannot be published; the next run tries again`, { cause });
    }
    if (ageMs > KEPT_MS) log.warn(expired(part, ageMs));
  }
}

function expired({ path, rows }: BlockPart, ageMs: number): string {
  return (
    `${path} (${formatCount(rows, 'row')}) was committed ${formatCount(Math.floor(ageMs / DAY_MS), 'day')} ago and is neither there nor are its blocks, ` +
    'which the service keeps for seven days. If a reader has taken it away, all is well; if no run came until the blocks ' +
    'had expired, these rows are missing: export that window again (docs/complete.md, "Export a range again")'
  );
}
