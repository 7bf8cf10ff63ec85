import type { BlockBlobClient } from '@azure/storage-blob';
import { DfsError } from './dfs-error.ts';

interface Block {
  readonly id: string;
  readonly position: number;
  readonly bytes: number;
}

export type PendingData = ReturnType<typeof createPendingData>;

/** What has been appended to files and not flushed yet. Azurite holds the bytes as uncommitted blocks. */
export function createPendingData() {
  const pending = new Map<string, Block[]>();
  let blocks = 0;

  return {
    /** An id that no block had before; all have the same length. */
    newBlockId: (): string => Buffer.from(String(++blocks).padStart(12, '0')).toString('base64'),

    /** The same position again replaces what was appended there. */
    add(blob: BlockBlobClient, block: Block): void {
      const others = (pending.get(blob.url) ?? []).filter(({ position }) => position !== block.position);
      pending.set(blob.url, [...others, block]);
    },

    forget(blob: BlockBlobClient): void {
      pending.delete(blob.url);
    },

    /** Makes a file `length` bytes long, with what has been appended behind the `flushed` bytes that it has. */
    async flush(blob: BlockBlobClient, flushed: number, length: number): Promise<void> {
      const added = (pending.get(blob.url) ?? []).toSorted((a, b) => a.position - b.position);
      const end = added.reduce((at, { position, bytes }) => (position === at ? at + bytes : Number.NaN), flushed);
      if (end !== length) {
        throw new DfsError(
          400,
          'InvalidFlushPosition',
          'The uploaded data is not contiguous, or the position is not the length of the file with it.',
        );
      }
      if (added.length === 0) return;
      const committed = flushed > 0 ? (await blob.getBlockList('committed')).committedBlocks : undefined;
      await blob.commitBlockList([...(committed ?? []).map(({ name }) => name), ...added.map(({ id }) => id)]);
      pending.delete(blob.url);
    },
  };
}
