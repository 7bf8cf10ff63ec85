import assert from 'node:assert/strict';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { packApp, readFuncignore } from './support/e2e-package.ts';

// That this package exports, from a folder with nothing else in it, is what end-to-end.test.ts shows.

const MAX_BYTES = 2_000_000;

/** Nothing but what publish sends. */
let folder: string;

before(async () => {
  folder = await packApp();
});
after(() => rm(folder, { recursive: true, force: true }));

async function listFiles(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) =>
    join(parentPath, name)
      .slice(folder.length + 1)
      .replaceAll('\\', '/'),
  );
}

test('the package is host.json, package.json and the bundle, below two megabytes', async (t) => {
  const files = await listFiles();
  const others = files.filter(
    (file) => !/^(host\.json|package\.json|dist\/functions\/[\w.-]+\.js(\.LEGAL\.txt)?)$/.test(file),
  );
  assert.deepEqual(others, []);
  const { main } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  for (const needed of ['host.json', 'package.json', main]) assert.ok(files.includes(needed), needed);
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  t.diagnostic(`${files.length} files, ${bytes} bytes`);
  assert.ok(bytes < MAX_BYTES, `${bytes} bytes`);
});

test('what git ignores stays behind too, but for the bundle: a lake next to the app is no part of it', async () => {
  const isSent = await readFuncignore();
  const ignored = await readFile(new URL('../.gitignore', import.meta.url), 'utf8');
  const names = ignored.split('\n').filter((line) => line !== '' && line !== 'dist/');
  const sent = names.filter((name) => isSent(name.replace(/^\/|\/$/g, '')));
  assert.deepEqual(sent, []);
});

test('no emulator, development dependency or map is in the bundle', async () => {
  const { devDependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const scripts = (await listFiles()).filter((file) => file.endsWith('.js'));
  for (const script of scripts) {
    const text = await readFile(join(folder, script), 'utf8');
    for (const name of [...Object.keys(devDependencies), 'duckdb', 'Kusto.Language', 'sourceMappingURL'])
      assert.ok(!text.includes(`${name}`), `${name} in ${script}`);
  }
});
