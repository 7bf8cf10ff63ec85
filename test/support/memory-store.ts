import {
  ConflictError,
  type Created,
  ExistsError,
  type Found,
  NotSentError,
  type Store,
} from '../../src/core/lake/store.ts';

export interface MemoryFile {
  readonly content: Uint8Array;
  readonly etag: string;
}

export interface MemoryStore extends Store {
  /** All files by path, as a reader sees them at this moment. */
  readonly files: ReadonlyMap<string, MemoryFile>;
}

export interface MemoryOptions {
  /** `false`: a renamed file gets a new ETag. Default: it keeps the one it had. */
  readonly keepsEtag?: boolean;
  /**
   * Awaited before every single effect, which then happens at once: where a simulation lets others go first, or lets
   * the caller crash (throw, or never resolve). `replace` has at least two: `flush <via>` and `move <via> <path>`.
   */
  readonly step?: (label: string) => Promise<void>;
}

const CHUNK_BYTES = 64 * 1024;

/** A hierarchical namespace in memory. Conditions are checked in the same instant as the effect happens. */
export function createMemoryStore(options: MemoryOptions = {}): MemoryStore {
  const tree = createTree(options.keepsEtag ?? true);
  const step = options.step ?? (async () => {});

  async function create(path: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Created> {
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

  async function replace(path: string, text: string, etag: string | undefined, via: string): Promise<string> {
    const staged = await create(via, [Buffer.from(text)]).catch((cause: unknown) => {
      throw new NotSentError(path, cause);
    });
    await step(`move ${via} ${path}`);
    if (tree.files.get(path)?.etag === etag && !tree.folders.has(path)) {
      tree.move(via, path, staged.etag);
      return staged.etag;
    }
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
    read: async (path) => {
      const file = tree.files.get(path);
      return file && { text: new TextDecoder().decode(file.content), etag: file.etag };
    },
    readStream: async (path) => {
      const file = tree.files.get(path);
      return file && chunksOf(file.content);
    },
    stat: async (path) => tree.stat(path),
    async *list(folder, more) {
      for (const { path, isFolder, bytes } of tree.list(folder, more?.recursive ?? false)) {
        yield { path, isFolder, bytes };
      }
    },
  };
}

/** The effects, each synchronous. */
function createTree(keepsEtag: boolean) {
  const files = new Map<string, MemoryFile>();
  const folders = new Set<string>();
  let versions = 0;

  function makeParents(path: string): void {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      if (files.has(folder)) throw new Error(`${folder} is a file`);
      folders.add(folder);
    }
  }

  function stat(path: string): Found | undefined {
    const file = files.get(path);
    if (file) return { path, isFolder: false, bytes: file.content.length, etag: file.etag };
    return folders.has(path) ? { path, isFolder: true, bytes: 0, etag: '' } : undefined;
  }

  function put(path: string, content: Uint8Array, etag = `v${++versions}`): MemoryFile {
    const file = { content, etag };
    files.set(path, file);
    return file;
  }

  function pathsIn(folder: string, isRecursive: boolean): string[] {
    const parent = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const isIn = (path: string) =>
      isRecursive ? folder === '' || path.startsWith(`${folder}/`) : parent(path) === folder;
    return [...files.keys(), ...folders].filter(isIn);
  }

  return {
    files: files as ReadonlyMap<string, MemoryFile>,
    folders: folders as ReadonlySet<string>,
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
      if (pathsIn(path, false).length === 0) folders.delete(path);
    },
    list: (folder: string, isRecursive: boolean): Found[] =>
      pathsIn(folder, isRecursive).flatMap((path) => stat(path) ?? []),
  };
}

/** In pieces, so that a reader can stop in the middle. */
async function* chunksOf(content: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += CHUNK_BYTES) yield content.slice(at, at + CHUNK_BYTES);
}
