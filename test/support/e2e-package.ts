import { cp, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildApp, removeApp } from './functions-host.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Builds the app and copies what `func azure functionapp publish` sends, and nothing else, into a new folder. */
export async function packApp(): Promise<string> {
  const app = await buildApp();
  const folder = await mkdtemp(join(tmpdir(), 'monitorlift-package-'));
  const isSent = await readFuncignore();
  for (const name of (await readdir(ROOT)).filter((each) => each !== 'dist')) {
    if (isSent(name)) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  }
  for (const name of await readdir(join(app, 'dist'))) {
    if (isSent(`dist/${name}`)) await cp(join(app, 'dist', name), join(folder, 'dist', name), { recursive: true });
  }
  await removeApp(app);
  return folder;
}

/** Whether a path is sent, by .funcignore, which has names and simple patterns of the top level and of dist. */
export async function readFuncignore(): Promise<(path: string) => boolean> {
  const lines = (await readFile(join(ROOT, '.funcignore'), 'utf8')).split('\n').filter((line) => /^[^#]/.test(line));
  const ignored = lines.map((line) => new RegExp(`^${line.replaceAll('.', '\\.').replaceAll('*', '.*')}$`));
  return (path) => !ignored.some((pattern) => pattern.test(path));
}
