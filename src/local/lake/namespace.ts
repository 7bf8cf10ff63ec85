import { type Conditions, checkSource, checkTarget } from './conditions.ts';
import { DfsError, notOffered, pathExists, pathNotFound, typeMismatch } from './dfs-error.ts';
import type { Entries, Found, Page } from './entries.ts';
import type { Place } from './place.ts';

export type Namespace = ReturnType<typeof createNamespace>;

/**
 * The rules of a hierarchical namespace. Its calls must come one at a time; then each is atomic for whoever asks the
 * gateway, unless the gateway is killed.
 */
export function createNamespace(entries: Entries) {
  async function get(place: Place): Promise<Found> {
    const found = await entries.find(place);
    if (!found) throw pathNotFound();
    return found;
  }

  async function makeFolder(place: Place): Promise<void> {
    const found = await entries.find(place);
    if (found?.isFolder) return;
    if (found) throw new DfsError(409, 'PathConflict', `${place.path} is a file.`);
    await makeFolder(parentOf(place));
    await entries.put(place, true);
  }

  async function create(place: Place, isFolder: boolean, conditions: Conditions): Promise<Found> {
    const before = await entries.find(place);
    checkTarget(conditions, before?.etag);
    if (before && before.isFolder !== isFolder) throw typeMismatch();
    if (before?.isFolder) return before;
    await makeFolder(parentOf(place));
    return entries.put(place, isFolder);
  }

  async function rename(from: Place, to: Place, onSource: Conditions, onTarget: Conditions): Promise<Found> {
    const source = await entries.find(from);
    if (!source) throw new DfsError(404, 'SourcePathNotFound', 'The source path for a rename does not exist.');
    if (source.isFolder) throw notOffered('the rename of a folder');
    checkSource(onSource, source.etag);
    const parent = await entries.find(parentOf(to));
    if (!parent?.isFolder) {
      throw new DfsError(404, 'RenameDestinationParentPathNotFound', 'The folder of the destination does not exist.');
    }
    const target = await entries.find(to);
    checkTarget(onTarget, target?.etag);
    if (target?.isFolder) throw pathExists();
    if (from.fileSystem === to.fileSystem && from.path === to.path) return source;
    return entries.move(from, to, source);
  }

  async function remove(place: Place, isRecursive: boolean, conditions: Conditions): Promise<void> {
    const { isFolder, etag } = await get(place);
    checkTarget(conditions, etag);
    let below = isFolder ? (await entries.list(place, true)).paths : [];
    if (below.length > 0 && !isRecursive) throw new DfsError(409, 'DirectoryNotEmpty', 'The folder is not empty.');
    while (below.length > 0) {
      for (const { path } of below) await entries.remove({ ...place, path });
      below = (await entries.list(place, true)).paths;
    }
    await entries.remove(place);
  }

  async function list(folder: Place, isRecursive: boolean, pageSize?: number, continuation?: string): Promise<Page> {
    await get(folder);
    return entries.list(folder, isRecursive, pageSize, continuation);
  }

  return { get, create, rename, remove, list };
}

function parentOf({ fileSystem, path }: Place): Place {
  return { fileSystem, path: path.slice(0, Math.max(0, path.lastIndexOf('/'))) };
}
