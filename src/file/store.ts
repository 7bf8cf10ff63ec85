import type { FileHandle } from 'node:fs/promises';
import { open, opendir, rmdir, stat, unlink, utimes } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import {
  ConflictError,
  type Entry,
  ExistsError,
  type Staged,
  type Store,
  type StoredText,
} from '../core/lake/store.ts';
import { etagOf, hasCode, makeFolder, moveFile, statOf, syncFolder, unlessAbsent } from './disk.ts';
import { withLock } from './lock.ts';

const LOCK = '_lock';

/**
 * A directory as a sink. Processes that share it keep each other's promises: `replace` and `rename` look and move under
 * one lock, on a file `_lock` in the directory. The directory must be on a file system with working file locks.
 */
export function createFileStore(directory: string): Store {
  const root = resolve(directory);
  const at = (path: string) => locate(root, path);

  async function underLock(work: () => Promise<void>): Promise<void> {
    await makeFolder(root);
    await withLock(join(root, LOCK), work);
  }

  async function entryOf(path: string): Promise<Entry | undefined> {
    const stats = await statOf(at(path));
    if (!stats) return undefined;
    const modifiedMs = Number(stats.mtimeMs);
    if (stats.isDirectory()) return { path, isFolder: true, bytes: 0, etag: '', modifiedMs };
    return { path, isFolder: false, bytes: Number(stats.size), etag: etagOf(stats), modifiedMs };
  }

  async function* list(folder: string): AsyncGenerator<Entry> {
    const children = await unlessAbsent(opendir(at(folder)));
    if (!children) return;
    for await (const { name } of children) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const entry = path === LOCK ? undefined : await entryOf(path);
      if (entry) yield entry;
    }
  }

  async function replace(path: string, text: string, etag: string | undefined, via: string): Promise<void> {
    const [from, to] = [at(via), at(path)];
    await createFile(from, oneChunk(text));
    await underLock(async () => {
      const found = await statOf(to);
      if (found ? found.isDirectory() || etagOf(found) !== etag : etag !== undefined) {
        await unlink(from).catch(() => undefined);
        throw new ConflictError(`${to}: expected ETag ${etag}, found ${found && etagOf(found)}`);
      }
      if (found) await makeNewer(from, found.mtimeNs);
      await makeFolder(dirname(to));
      await moveFile(from, to);
    });
  }

  async function rename(path: string, target: string, etag: string): Promise<void> {
    const [from, to] = [at(path), at(target)];
    await underLock(async () => {
      const source = await statOf(from);
      if (!source) throw new Error(`Cannot rename ${from}: it is not there.`);
      if (etagOf(source) !== etag) throw new Error(`${from}: expected ETag ${etag}, found ${etagOf(source)}`);
      if (await statOf(to)) throw new Error(`Cannot rename ${from}: something is at ${to} already.`);
      await makeFolder(dirname(to));
      await moveFile(from, to);
    });
  }

  return {
    list,
    replace,
    rename,
    stat: entryOf,
    read: async (path) => readText(at(path)),
    create: async (path, content) => createFile(at(path), content),
    remove: async (path) => removeFileOrFolder(at(path)),
  };
}

/** The place of a path below `root`; a path that would lead out of it, or is not in its plain form, is refused. */
function locate(root: string, path: string): string {
  const names = path.split('/');
  const place = join(root, ...names);
  if (!names.includes('..') && relative(root, place).split(sep).join('/') === path) return place;
  throw new Error(`"${path}" is not a path inside ${root}: expected names with / between them.`);
}

async function readText(place: string): Promise<StoredText | undefined> {
  const file = await unlessAbsent(open(place, 'r'));
  if (!file) return undefined;
  try {
    const stats = await file.stat({ bigint: true });
    if (stats.isDirectory()) return undefined;
    return { text: await file.readFile('utf8'), etag: etagOf(stats), modifiedMs: Number(stats.mtimeMs) };
  } finally {
    await file.close();
  }
}

async function createFile(place: string, content: AsyncIterable<Uint8Array>): Promise<Staged> {
  await makeFolder(dirname(place));
  const file = await openNew(place);
  try {
    await writeContent(file, place, content).finally(() => file.close());
    await syncFolder(dirname(place));
    // Only now: Windows may set the time of the last write as late as at the close.
    const stats = await stat(place, { bigint: true });
    return { bytes: Number(stats.size), etag: etagOf(stats) };
  } catch (error) {
    await unlink(place).catch(() => undefined);
    throw error;
  }
}

async function openNew(place: string): Promise<FileHandle> {
  try {
    return await open(place, 'wx');
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw new ExistsError(`Something is at ${place} already.`, { cause: error });
    throw error;
  }
}

async function writeContent(file: FileHandle, place: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of content) await file.writeFile(chunk).catch((error) => failWrite(place, error));
  await file.sync().catch((error) => failWrite(place, error));
}

/** The operating system's error for a write does not name the file. */
function failWrite(place: string, error: Error): never {
  throw new Error(`Cannot write ${place}: ${error.message}`, { cause: error });
}

async function removeFileOrFolder(place: string): Promise<void> {
  const stats = await statOf(place);
  if (!stats) return;
  try {
    await unlessAbsent(stats.isDirectory() ? rmdir(place) : unlink(place));
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}

/**
 * Gives a file a later time than the one it replaces. Otherwise two versions could share an ETag: the clock may stand
 * still for milliseconds, or go back, and the file system uses inodes again.
 */
async function makeNewer(place: string, thanNs: bigint): Promise<void> {
  const stats = await statOf(place);
  if (!stats || stats.mtimeNs > thanNs) return;
  // Two milliseconds, of which at least one is left in a floating point number.
  const laterSeconds = Number(thanNs / 1_000_000n + 2n) / 1000;
  await utimes(place, laterSeconds, laterSeconds);
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
