import {
  ConflictError,
  type Created,
  type Entry,
  ExistsError,
  type Store,
  type StoredText,
} from '../../src/core/lake/store.ts';

export interface MemoryFile {
  readonly content: Uint8Array;
  readonly etag: string;
  readonly modifiedMs: number;
}

export interface MemoryStore extends Store {
  /** All files by path, as a reader sees them at this moment. */
  readonly files: ReadonlyMap<string, MemoryFile>;
}

export interface MemoryOptions {
  /** The store's clock, milliseconds since 1970. */
  readonly now: () => number;
  /** `false`: a renamed file gets a new ETag. Default: it keeps the one it had. */
  readonly keepsEtag?: boolean;
  /**
   * Awaited before every single effect, which then happens at once: where a simulation lets others go first, or lets
   * the caller crash (throw, or never resolve). `replace` has at least two: `flush <via>` and `move <via> <path>`.
   */
  readonly step?: (label: string) => Promise<void>;
}

/** A hierarchical namespace in memory. Conditions are checked in the same instant as the effect happens. */
export function createMemoryStore(options: MemoryOptions): MemoryStore {
  const tree = createTree(options.now, options.keepsEtag ?? true);
  const step = options.step ?? (async () => {});

  async function create(path: string, content: AsyncIterable<Uint8Array>): Promise<Created> {
    await step(`create ${path}`);
    const created = tree.createEmpty(path);
    try {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(Uint8Array.from(chunk));
      await step(`flush ${path}`);
      const file = tree.flush(path, created, Buffer.concat(chunks));
      return { bytes: file.content.length, etag: file.etag };
    } catch (error) {
      await remove(path).catch(() => undefined);
      throw error;
    }
  }

  async function replace(path: string, text: string, etag: string | undefined, via: string): Promise<void> {
    const staged = await create(via, oneChunk(text));
    await step(`move ${via} ${path}`);
    if (tree.files.get(path)?.etag === etag && !tree.folders.has(path)) return tree.move(via, path, staged.etag);
    await remove(via).catch(() => undefined);
    throw new ConflictError(`${path} is not what it was (expected ETag ${etag})`);
  }

  async function rename(from: string, to: string, etag: string): Promise<void> {
    await step(`rename ${from} ${to}`);
    if (tree.stat(to)) throw new Error(`cannot rename ${from}: something is at ${to}`);
    tree.move(from, to, etag);
  }

  async function remove(path: string): Promise<void> {
    await step(`remove ${path}`);
    tree.remove(path);
  }

  return {
    files: tree.files,
    create,
    replace,
    rename,
    remove,
    read: async (path): Promise<StoredText | undefined> => {
      const file = tree.files.get(path);
      return file && { text: new TextDecoder().decode(file.content), etag: file.etag, modifiedMs: file.modifiedMs };
    },
    readStream: async (path) => {
      const file = tree.files.get(path);
      return file && new Blob([Buffer.from(file.content)]).stream();
    },
    stat: async (path) => tree.stat(path),
    async *list(folder) {
      yield* tree.list(folder);
    },
  };
}

/** The effects, each synchronous. */
function createTree(now: () => number, keepsEtag: boolean) {
  const files = new Map<string, MemoryFile>();
  /** When each folder was made. */
  const folders = new Map<string, number>();
  let versions = 0;

  function makeParents(path: string): void {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      if (files.has(folder)) throw new Error(`${folder} is a file`);
      if (!folders.has(folder)) folders.set(folder, now());
    }
  }

  function stat(path: string): Entry | undefined {
    const file = files.get(path);
    if (file)
      return { path, isFolder: false, bytes: file.content.length, etag: file.etag, modifiedMs: file.modifiedMs };
    const modifiedMs = folders.get(path);
    return modifiedMs === undefined ? undefined : { path, isFolder: true, bytes: 0, etag: '', modifiedMs };
  }

  function put(path: string, content: Uint8Array, etag = `v${++versions}`): MemoryFile {
    const file = { content, etag, modifiedMs: now() };
    files.set(path, file);
    return file;
  }

  function childrenOf(folder: string): string[] {
    const parent = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
    return [...files.keys(), ...folders.keys()].filter((path) => parent(path) === folder);
  }

  return {
    files: files as ReadonlyMap<string, MemoryFile>,
    folders: folders as ReadonlyMap<string, number>,
    stat,
    createEmpty(path: string): MemoryFile {
      if (stat(path)) throw new ExistsError(`something is at ${path} already`);
      makeParents(path);
      return put(path, new Uint8Array());
    },
    flush(path: string, created: MemoryFile, content: Uint8Array): MemoryFile {
      if (files.get(path) !== created) throw new Error(`${path} is not there any more`);
      return put(path, content);
    },
    move(from: string, to: string, etag: string): void {
      const file = files.get(from);
      if (file?.etag !== etag) throw new Error(`${from} is not there with ETag ${etag}, but ${file?.etag}`);
      makeParents(to);
      files.delete(from);
      put(to, file.content, keepsEtag ? file.etag : undefined);
    },
    remove(path: string): void {
      files.delete(path);
      if (childrenOf(path).length === 0) folders.delete(path);
    },
    list: (folder: string): Entry[] => childrenOf(folder).flatMap((path) => stat(path) ?? []),
  };
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
