import type { BlockStore } from '../../core/lake/blocks.ts';
import type { Container } from './client.ts';
import { createReader } from './read.ts';
import { createWriter } from './write.ts';

/** A container of a flat storage account as a store of blocks. */
export function createBlobStore(container: Container): BlockStore {
  return { ...createReader(container), ...createWriter(container) };
}
