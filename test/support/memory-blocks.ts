import { type BlockStore, NoBlocksError } from '../../src/core/lake/blocks.ts';
import { ConflictError, type Entry, ExistsError } from '../../src/core/lake/store.ts';
import type { MemoryFile } from './memory-store.ts';

export interface MemoryBlocks extends BlockStore {
  /** All files by path, as a reader sees them at this moment. */
  readonly files: ReadonlyMap<string, MemoryFile & { readonly rows?: number }>;
}

/**
 * A flat account in memory. Each effect happens at once, with its conditions.
 * @param options `dropsBlocks`: removing a file removes the blocks of its path that are of no file, too.
 */
export function createMemoryBlocks(options: { readonly dropsBlocks?: boolean } = {}): MemoryBlocks {
  const files = new Map<string, MemoryFile & { readonly rows?: number }>();
  const unseen = new Map<string, Map<string, Uint8Array>>();
  /** What files are made of: a list may name these too. */
  const seen = new Map<string, Map<string, Uint8Array>>();
  let versions = 0;

  function put(path: string, content: Uint8Array, rows?: number): MemoryFile {
    unseen.delete(path);
    seen.delete(path);
    const file = { content, etag: `v${++versions}`, ...(rows === undefined ? {} : { rows }) };
    files.set(path, file);
    return file;
  }

  return {
    files,
    async putBlock(path, id, content) {
      const blocks = unseen.get(path) ?? new Map<string, Uint8Array>();
      unseen.set(path, blocks.set(id, Uint8Array.from(content)));
    },
    async putList(path, ids, rows) {
      if (files.has(path)) throw new ExistsError(`${path} is there`);
      const blocks = new Map<string, Uint8Array>();
      for (const id of ids) {
        const block = unseen.get(path)?.get(id) ?? seen.get(path)?.get(id);
        if (block === undefined) throw new NoBlocksError(`${path} has no block ${id}`);
        blocks.set(id, block);
      }
      put(path, Buffer.concat([...blocks.values()]), rows);
      seen.set(path, blocks);
    },
    async replace(path, text, etag) {
      if (files.get(path)?.etag !== etag) throw new ConflictError(`${path} is not what it was (expected ETag ${etag})`);
      return put(path, Buffer.from(text)).etag;
    },
    async remove(path) {
      files.delete(path);
      seen.delete(path);
      if (options.dropsBlocks) unseen.delete(path);
    },
    async read(path) {
      const file = files.get(path);
      return file && { text: new TextDecoder().decode(file.content), etag: file.etag };
    },
    async readStream(path) {
      const file = files.get(path);
      return file && oneChunk(file.content);
    },
    async stat(path) {
      const file = files.get(path);
      return file && { path, isFolder: false, bytes: file.content.length, etag: file.etag };
    },
    async *list(folder, more) {
      yield* entriesIn(files, `${folder}/`, more?.recursive ?? false);
    },
  };
}

/** Folders are what names have in common. */
function entriesIn(files: MemoryBlocks['files'], prefix: string, isRecursive: boolean): Entry[] {
  const folders = new Set<string>();
  const entries: Entry[] = [];
  for (const [path, { content, rows = 0 }] of files) {
    if (!path.startsWith(prefix)) continue;
    const end = path.indexOf('/', prefix.length);
    if (end < 0 || isRecursive) entries.push({ path, isFolder: false, bytes: content.length, rows });
    else folders.add(path.slice(0, end));
  }
  return [...entries, ...[...folders].map((path) => ({ path, isFolder: true, bytes: 0 }))];
}

async function* oneChunk(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
