import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');

/** What each folder of src may import, itself aside; a folder below one of these belongs to it. `.` is app.ts. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: ['core/kql'],
  'core/lake': ['core', 'core/formats'],
  'core/kql': ['core'],
  'core/formats': ['core'],
  settings: ['core', 'core/kql', 'core/formats'],
  azure: ['core', 'core/lake', 'core/kql', 'core/formats'],
  file: ['core', 'core/lake'],
  postgres: ['core', 'core/lake', 'core/formats'],
  rest: ['core', 'core/lake', 'core/formats'],
  '.': ['core', 'core/lake', 'core/formats', 'settings', 'azure', 'file', 'postgres', 'rest'],
  functions: ['.', 'core', 'settings'],
  cli: ['.', 'core', 'core/kql', 'settings'],
  local: ['core', 'core/kql', 'azure', 'file'],
};
const ADAPTERS = ['azure', 'file', 'postgres', 'rest'];
const SDK = /^(@azure|@duckdb|@kusto|@opentelemetry|azurite|croner|pg)/;
const IMPORT = /(?:from|import\()\s*'([^']+)'/g;

interface Import {
  /** From the root, with `/`. */
  readonly file: string;
  readonly specifier: string;
  /** The file that is meant, from the root; `undefined` for a package. */
  readonly target: string | undefined;
}

async function readImports(): Promise<Import[]> {
  const found: Import[] = [];
  for await (const path of glob('src/**/*.ts', { cwd: ROOT })) {
    const file = path.split(sep).join('/');
    for (const [, specifier = ''] of (await readFile(join(ROOT, file), 'utf8')).matchAll(IMPORT)) {
      const place = specifier.startsWith('.') ? join(ROOT, dirname(file), specifier) : undefined;
      found.push({ file, specifier, target: place && relative(ROOT, place).split(sep).join('/') });
    }
  }
  return found;
}

/** The longest of the folders above that holds the file. */
function folderOf(file: string): string {
  const folders = Object.keys(ALLOWED).filter((folder) => file.startsWith(`src/${folder}/`));
  return folders.sort((a, b) => b.length - a.length)[0] ?? '.';
}

const imports = await readImports();

test('imports point one way: core, then settings and adapters, then the app, then functions and command line', () => {
  const wrong = imports.filter(({ file, target }) => {
    if (target === undefined) return false;
    const [from, to] = [folderOf(file), folderOf(target)];
    return from !== to && !ALLOWED[from]?.includes(to);
  });
  assert.deepEqual(
    wrong.map(({ file, specifier }) => `${file} imports ${specifier}`),
    [],
  );
});

test('core imports nothing but Node', () => {
  const wrong = imports.filter(({ file, specifier }) => file.startsWith('src/core/') && SDK.test(specifier));
  assert.deepEqual(wrong, []);
});

test('the only file outside the adapters that knows them is the composition root', () => {
  const knowing = imports.filter(({ file, target }) => {
    const from = folderOf(file);
    return target !== undefined && from !== 'local' && !ADAPTERS.includes(from) && ADAPTERS.includes(folderOf(target));
  });
  assert.deepEqual([...new Set(knowing.map(({ file }) => file))], ['src/app.ts']);
});

test('no circle of imports', () => {
  const targets = Map.groupBy(imports, ({ file }) => file);
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    assert.ok(!path.includes(file), [...path.slice(path.indexOf(file)), file].join(' -> '));
    if (done.has(file)) return;
    for (const { target } of targets.get(file) ?? []) if (target !== undefined) walk(target, [...path, file]);
    done.add(file);
  };
  for (const file of targets.keys()) walk(file, []);
});
