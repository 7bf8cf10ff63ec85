/**
 * Where parts and watermarks live. Paths are relative to the sink, use `/`, and never begin or end with one.
 *
 * Every method may fail after its effect has happened (a lost reply): an error other than the named ones proves
 * nothing. A file appears under its name whole or not at all once `create`, `replace` or `rename` has resolved.
 */
export interface Store {
  /** The whole file; `undefined` when there is none. For small files: a watermark. */
  read(path: string): Promise<StoredText | undefined>;

  /**
   * The content of a file of any size, chunk by chunk with backpressure; `undefined` when there is none. Read it to the
   * end, or end the loop: either closes it.
   */
  readStream(path: string): Promise<AsyncIterable<Uint8Array> | undefined>;

  /** What is at the path, file or folder; `undefined` when there is nothing. May read the file. */
  stat(path: string): Promise<Found | undefined>;

  /**
   * What lies directly in the folder, or with `recursive` anywhere below it, folders included, in no order; nothing
   * when there is no such folder. In a lake one request for 5,000 paths.
   */
  list(folder: string, options?: { readonly recursive: boolean }): AsyncIterable<Entry>;

  /**
   * Writes a new file and its missing parent folders, chunk by chunk with backpressure, durable when it resolves.
   * Refuses before it reads from `content`. When `content` throws, what was written is removed (best effort) and that
   * very error is rethrown.
   * @throws ExistsError when something is at the path already.
   */
  create(path: string, content: AsyncIterable<Uint8Array>): Promise<Created>;

  /**
   * Replaces a small file in one atomic, conditional step; a new one gets its missing parent folders. `via` is a path
   * that was never used: the store may write there first. What a failed call leaves there is for the caller to remove,
   * once it knows the fate of the file.
   * @param etag what the file must still have; `undefined`: there must be no file.
   * @returns what it has now, unless the server gives a moved file another one. To resolve is proof: this call has done it.
   * @throws ConflictError when the condition does not hold.
   * @throws NotSentError when the file can never change by this call.
   */
  replace(path: string, text: string, etag: string | undefined, via: string): Promise<string>;

  /**
   * Moves a file in one atomic step, making the missing folders of `to`, if it still has `etag` and nothing is at `to`.
   * Any error, of whatever class, proves nothing: look with `stat`.
   */
  rename(from: string, to: string, etag: string): Promise<void>;

  /** Removes a file or an empty folder; a folder that is not empty stays. Nothing there: fine. */
  remove(path: string): Promise<void>;
}

/** What a sink of files needs of its store, however parts get there. */
export type Files = Pick<Store, 'read' | 'readStream' | 'stat' | 'list' | 'replace' | 'remove'>;

export interface StoredText {
  readonly text: string;
  readonly etag: string;
}

export interface Entry {
  readonly path: string;
  readonly isFolder: boolean;
  /** 0 for a folder. */
  readonly bytes: number;
  /** Of a part, where the store keeps that beside the file and not in its name. */
  readonly rows?: number | undefined;
}

export interface Found extends Entry {
  /**
   * Changes with the content; kept by `rename` where the store can. Files of the same content may share one. Empty for
   * a folder.
   */
  readonly etag: string;
}

export interface Created {
  readonly bytes: number;
  readonly etag: string;
}

/** The condition of a `replace` did not hold. Perhaps an earlier attempt of the same call made it so. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}

/** A `replace` failed before the step that decides: the file is as it was, and nothing is under way. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError';

  constructor(path: string, cause: unknown) {
    super(`${path} stays as it is: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** Something is at the path already. Perhaps an earlier attempt of the same call made it. */
export class ExistsError extends Error {
  override readonly name = 'ExistsError';
}
