import { lstat, opendir, rmdir, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ConflictError, type Entry, type Found, NotSentError, type Store } from '../core/lake/store.ts';
import { createFile, digestOf, openContent, readText } from './content.ts';
import { hasCode, makeFolder, moveFile, unlessAbsent } from './disk.ts';
import { explained } from './error.ts';
import { createLock, type Lock } from './lock.ts';
import { findPlace } from './place.ts';

const LOCKS = '_locks';

/**
 * A directory as a sink. Processes that share it keep each other's promises: `replace` and `rename` look and move under
 * a lock, one for each first folder of a path, in the directory's `_locks`. The directory must be on a file system with
 * working file locks. Below it no link is followed: `list` leaves them out, everything else fails at one.
 */
export function createFileStore(directory: string): Store {
  const root = resolve(directory);
  const hold = createLocks(root);

  async function stat(path: string): Promise<Found | undefined> {
    const { place, stats } = await findPlace(root, path);
    if (stats?.isDirectory()) return { path, isFolder: true, bytes: 0, etag: '' };
    const found = stats && (await digestOf(place));
    return found && { path, isFolder: false, ...found };
  }

  async function replace(path: string, text: string, etag: string | undefined, via: string): Promise<string> {
    const { place: from, etag: staged } = await stageText(path, text, via).catch((cause: unknown) => {
      throw new NotSentError(path, cause);
    });
    let isSent = false;
    try {
      await hold(path, async () => {
        const { place: to, stats } = await findPlace(root, path);
        const found = stats?.isDirectory() ? '' : (await digestOf(to))?.etag;
        if (found !== etag) throw new ConflictError(`${to}: expected ETag ${etag}, found ${found}.`);
        await explained('make the folder of', to, makeFolder(dirname(to)));
        isSent = true;
        await explained('replace', to, moveFile(from, to));
      });
      return staged;
    } catch (error) {
      if (isSent) throw error;
      await unlink(from).catch(() => undefined);
      throw error instanceof ConflictError ? error : new NotSentError(path, error);
    }
  }

  async function stageText(path: string, text: string, via: string) {
    await findPlace(root, path);
    const { place } = await findPlace(root, via);
    const { etag } = await createFile(place, [Buffer.from(text)]);
    return { place, etag };
  }

  async function rename(path: string, target: string, etag: string): Promise<void> {
    await hold(target, async () => {
      const source = await findPlace(root, path);
      const to = await findPlace(root, target);
      const found = source.stats?.isFile() ? await digestOf(source.place) : undefined;
      if (!found) throw new Error(`Cannot rename ${source.place}: there is no such file.`);
      if (found.etag !== etag) throw new Error(`${source.place}: expected ETag ${etag}, found ${found.etag}.`);
      if (to.stats) throw new Error(`Cannot rename ${source.place}: something is at ${to.place} already.`);
      await explained('make the folder of', to.place, makeFolder(dirname(to.place)));
      await explained(`rename ${source.place} to`, to.place, moveFile(source.place, to.place));
    });
  }

  async function remove(path: string): Promise<void> {
    const { place, stats } = await findPlace(root, path);
    if (!stats) return;
    try {
      await explained('remove', place, unlessAbsent(stats.isDirectory() ? rmdir(place) : unlink(place)));
    } catch (error) {
      if (!(error instanceof Error && hasCode(error.cause, 'ENOTEMPTY', 'EEXIST'))) throw error;
    }
  }

  /** `undefined` for a folder, as for nothing. */
  async function open<T>(path: string, read: (place: string) => Promise<T | undefined>): Promise<T | undefined> {
    const { place, stats } = await findPlace(root, path);
    return stats?.isFile() ? read(place) : undefined;
  }

  return {
    stat,
    replace,
    rename,
    remove,
    list: (folder, options) => list(root, folder, options?.recursive ?? false),
    read: (path) => open(path, readText),
    readStream: (path) => open(path, openContent),
    create: async (path, content) => createFile((await findPlace(root, path)).place, content),
  };
}

async function* list(root: string, folder: string, isRecursive: boolean): AsyncGenerator<Entry> {
  const { place } = await findPlace(root, folder);
  const children = await explained('list', place, unlessAbsent(opendir(place)));
  if (!children) return;
  for await (const { name } of children) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (path === LOCKS) continue;
    const stats = await explained('look at', join(place, name), unlessAbsent(lstat(join(place, name))));
    if (stats?.isFile()) yield { path, isFolder: false, bytes: stats.size };
    if (!stats?.isDirectory()) continue;
    yield { path, isFolder: true, bytes: 0 };
    if (isRecursive) yield* list(root, path, true);
  }
}

/** One lock for each first folder: exports have nothing to wait for with each other. */
function createLocks(root: string) {
  const folder = join(root, LOCKS);
  const locks = new Map<string, Lock>();
  return async <T>(path: string, work: () => Promise<T>): Promise<T> => {
    await explained('make', folder, makeFolder(folder));
    const name = path.includes('/') ? path.slice(0, path.indexOf('/')) : '_';
    const lock = locks.get(name) ?? createLock(join(folder, name));
    locks.set(name, lock);
    return lock.hold(work);
  };
}
