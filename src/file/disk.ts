import { mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const isWindows = process.platform === 'win32';
const MAX_RENAMES = 10;
const MAX_FOLDERS = 3;

/** `undefined` when the promise fails because there is no such file or folder. */
export async function unlessAbsent<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/**
 * Makes a folder and its missing parents, durably. Not with Node's own recursion, which never ends where a folder cannot
 * be made although its parent is there (`/proc`).
 */
export async function makeFolder(path: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await makeFolderOnce(path);
    } catch (error) {
      // A parent may have been removed meanwhile.
      if (tries === MAX_FOLDERS || !hasCode(error, 'ENOENT')) throw error;
    }
  }
}

async function makeFolderOnce(path: string): Promise<void> {
  if (await isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolderOnce(parent);
  try {
    await mkdir(path);
  } catch (error) {
    if (!(hasCode(error, 'EEXIST') && (await isFolder(path)))) throw error;
  }
  await syncFolder(parent);
}

async function isFolder(path: string): Promise<boolean> {
  return (await unlessAbsent(stat(path)))?.isDirectory() === true;
}

/** Makes the names in a folder durable. Windows cannot and need not be told to. */
export async function syncFolder(path: string): Promise<void> {
  if (isWindows) return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Moves a file durably, over another one if there is one. */
export async function moveFile(from: string, to: string): Promise<void> {
  for (let tries = 1; !(await tryRename(from, to, tries === MAX_RENAMES)); tries++) await delay(20 * tries);
  await syncFolder(dirname(to));
  if (dirname(from) !== dirname(to)) await syncFolder(dirname(from));
}

async function tryRename(from: string, to: string, isLast: boolean): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    // On Windows a reader or a virus scanner may have the file open for a moment.
    if (isWindows && !isLast && hasCode(error, 'EPERM', 'EACCES', 'EBUSY')) return false;
    throw error;
  }
}
