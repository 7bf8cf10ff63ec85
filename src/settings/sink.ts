import { isAbsolute, parse, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isOneLakeUrl, parseOneLake } from './onelake.ts';
import { isPostgresUrl, parsePostgresUrl } from './postgres-url.ts';
import type { Env } from './reader.ts';
import { parseLake } from './urls.ts';

const FORM = 'expected file:<directory>, such as file:../lake or file:/var/lake';

/**
 * Where parts and watermarks go: the URL of a lake or a flat account, a database's, or the `file:` URL of a directory.
 * @throws what was found and what to write.
 */
export function parseSink(text: string, env: Env): URL {
  if (isPostgresUrl(text)) return parsePostgresUrl(text);
  if (isOneLakeUrl(text)) return parseOneLake(text);
  if (!/^file:/i.test(text)) return parseLake(text);
  const directory = readDirectory(text.slice('file:'.length));
  const root = appRoot(env);
  if (root !== undefined && isInside(directory, root)) {
    throw new Error(
      `found ${directory}, inside the app's root: the Functions host restarts whenever something changes there, and ` +
        'cuts the runs off; expected a directory elsewhere, such as file:../lake, or a lake',
    );
  }
  return pathToFileURL(directory);
}

/** Relative to the working directory, or absolute with or without `//`. */
function readDirectory(path: string): string {
  if (/^(\/\/)?~/.test(path)) {
    throw new Error(`found a path that begins with ~, which only a shell understands: write it in full; ${FORM}`);
  }
  const directory = path.startsWith('//') ? pathOf(`file:${path}`) : resolve(path);
  if (path === '' || directory === undefined) {
    throw new Error(`found a file: URL without a directory or with a host, ${FORM}`);
  }
  if (directory === parse(directory).root) throw new Error(`found the root of a disk, ${FORM}`);
  return directory;
}

/** `undefined` for a URL that names another machine. */
function pathOf(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || url.host !== '') return undefined;
  try {
    return resolve(fileURLToPath(url));
  } catch (cause) {
    const escapes =
      'a percent sign must begin an escape, of no slash: write %25 for the sign itself, or file:<directory>';
    throw new Error(`found a file: URL whose path cannot be read: ${escapes}`, { cause });
  }
}

/** The folder that the Functions host watches; it tells its worker, and nobody else has these. */
function appRoot(env: Env): string | undefined {
  return env.FUNCTIONS_APPLICATION_DIRECTORY || env.AzureWebJobsScriptRoot || undefined;
}

function isInside(directory: string, root: string): boolean {
  const way = relative(resolve(root), directory);
  return !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)); // absolute: on another disk
}
