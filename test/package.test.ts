import assert from 'node:assert/strict';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { after, before, test } from 'node:test';
import { packApp, readFuncignore } from './support/e2e-package.ts';
import { buildApp, removeApp, startHost } from './support/functions-host.ts';

// That this package exports, from a folder with nothing else in it, is what end-to-end.test.ts shows.

const MAX_BYTES = 2_000_000;

/** Nothing but what publish sends. */
let folder: string;

before(async () => {
  folder = await packApp();
});
after(() => rm(folder, { recursive: true, force: true }));

const listFiles = () => listFilesOf(folder);

/** Paths from `root`, with `/`. */
async function listFilesOf(root: string, below = ''): Promise<string[]> {
  const entries = await readdir(join(root, below), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => relative(root, join(parentPath, name)).replaceAll(sep, '/'));
}

/** A line of .funcignore as a pattern. */
function patternOf(line: string): string {
  return line.replace(/[.\-/]/g, '\\$&').replaceAll('*', '[^/]+');
}

/**
 * Who reads .funcignore, and which paths a line takes out. Core Tools: those that begin with it, up to the end of a word.
 * VS Code, as git does: names at any depth, and from the root a line with a slash.
 */
const READERS: Readonly<Record<string, (line: string) => RegExp>> = {
  'Core Tools': (line) => new RegExp(`^${patternOf(line)}\\b`),
  'VS Code': (line) => new RegExp(`${line.includes('/') ? '^' : '(^|/)'}${patternOf(line)}(/|$)`),
};

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

test('Core Tools and VS Code take from the project what the package has', async () => {
  const root = join(import.meta.dirname, '..');
  const large = ['node_modules', '.git', 'dist']; // one file stands for each, and the package for the bundle
  const small = (await readdir(root)).filter((name) => !large.includes(name));
  const isFolder = async (name: string) => (await stat(join(root, name))).isDirectory();
  const lists = small.map(async (name) => ((await isFolder(name)) ? listFilesOf(root, name) : [name]));
  const packed = (await listFiles()).sort();
  const all = new Set([
    ...packed,
    'node_modules/a/b.js',
    '.git/config',
    'dist/cli/main.js',
    'dist/package/host.json',
    'dist/executable/monitorlift',
    ...(await Promise.all(lists)).flat(),
  ]);
  const text = await readFile(join(root, '.funcignore'), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  for (const [reader, ignores] of Object.entries(READERS)) {
    const patterns = lines.map(ignores);
    const sent = [...all].filter((path) => !patterns.some((pattern) => pattern.test(path)));
    assert.deepEqual(sent.sort(), packed, reader);
  }
});

test('dist/package, which azd sends, is the same with a package.json of what the worker reads', async () => {
  const app = await buildApp();
  try {
    const alone = join(app, 'dist', 'package');
    assert.deepEqual((await listFilesOf(alone)).sort(), (await listFiles()).sort());
    for (const file of await listFilesOf(alone)) {
      const [sent, packed] = await Promise.all([alone, folder].map((root) => readFile(join(root, file), 'utf8')));
      if (file !== 'package.json') assert.equal(sent, packed, file);
    }
    const { name, version, type, main } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const read = JSON.parse(await readFile(join(alone, 'package.json'), 'utf8'));
    assert.deepEqual(read, { name, version, private: true, type, main });
    const host = await startHost(alone, {
      APPINSIGHTS_WORKSPACE_ID: '00000000-0000-0000-0000-000000000001',
      SINK_URL: 'file:lake',
    });
    await host.stop();
    assert.equal(host.functions.length, 10);
  } finally {
    await removeApp(app);
  }
});

test('what git ignores stays behind too, but for the bundle', async () => {
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
