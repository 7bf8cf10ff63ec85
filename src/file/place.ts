import type { Stats } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { unlessAbsent } from './disk.ts';
import { explained } from './error.ts';

/** Where a path of the sink is on disk, and what is there: a file, a folder, or nothing. */
export interface Place {
  readonly place: string;
  readonly stats: Stats | undefined;
}

/**
 * Looks at a path below `root`, name by name: a link on the way could lead to what is not ours, and whoever took a link
 * for nothing would take a staged file for published.
 * @throws for a link, for anything else that is neither file nor folder, and for a path that is not plainly inside.
 */
export async function findPlace(root: string, path: string): Promise<Place> {
  const place = locate(root, path);
  if (place === root) return { place, stats: await explained('look at', root, unlessAbsent(stat(root))) };
  let at = root;
  let stats: Stats | undefined;
  for (const name of path.split('/')) {
    at = join(at, name);
    stats = await explained('look at', at, unlessAbsent(lstat(at)));
    if (!stats) break;
    if (stats.isSymbolicLink()) {
      throw new Error(`${at} is a symbolic link, which is never followed: put the file or folder itself there.`);
    }
  }
  if (stats && !stats.isFile() && !stats.isDirectory()) {
    throw new Error(`${at} is neither a file nor a folder: move it away.`);
  }
  return { place, stats };
}

/** The place of a path below `root`; a path that would lead out of it, or is not in its plain form, is refused. */
function locate(root: string, path: string): string {
  const names = path.split('/');
  const place = join(root, ...names);
  if (!names.includes('..') && relative(root, place).split(sep).join('/') === path) return place;
  throw new Error(`"${path}" is not a path inside ${root}: expected names with / between them.`);
}
