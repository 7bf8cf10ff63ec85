import type { Files } from './store.ts';

/**
 * A flat account: files cannot be renamed there, but are made of blocks that nobody sees before a list of them is put.
 * Folders are what names have in common, and `list` with `recursive` gives none. `replace` needs no other path.
 */
export interface BlockStore extends Files {
  /**
   * Keeps a block for the file at the path, unseen, for a week. Sends it once, whatever comes of it: a block that arrives
   * again after its file has been published and taken away could be published again.
   * @param id of one length for all blocks of a path. The caller uses each only once.
   * @throws UnansweredError when the block may be there, or arrive later; another one may be sent.
   */
  putBlock(path: string, id: string, content: Uint8Array): Promise<void>;
  /**
   * Makes a new file of these blocks in one atomic step, with `rows` beside it. All other blocks of the path go.
   * @throws ExistsError when there is a file. @throws NoBlocksError when not all of the blocks are there.
   */
  putList(path: string, ids: readonly string[], rows: number): Promise<void>;
}

/** What became of a block is not known. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
}

/** Blocks of a list are not there: they have become a file, or have expired. */
export class NoBlocksError extends Error {
  override readonly name = 'NoBlocksError';
}
