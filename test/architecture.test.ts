import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');

/** What each folder of src may import, itself aside. Everything may import `core`. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  azure: ['core'],
  file: ['core'],
  local: ['core', 'azure', 'file'],
  '.': ['core', 'azure', 'file'],
  functions: ['core', '.'],
  cli: ['core', '.'],
};
const SDK = /^(@azure|@duckdb|@kusto|@opentelemetry|azurite|croner)/;
const IMPORT = /(?:from|import\()\s*'([^']+)'/g;

/** Pairs of source file and what it imports. */
async function imports(): Promise<{ file: string; specifier: string }[]> {
  const found = [];
  for await (const file of glob('src/**/*.ts', { cwd: ROOT })) {
    const text = await readFile(join(ROOT, file), 'utf8');
    for (const [, specifier = ''] of text.matchAll(IMPORT)) found.push({ file, specifier });
  }
  return found;
}

function folderOf(file: string): string {
  const [, folder = '', ...rest] = file.split(/[\\/]/);
  return rest.length === 0 ? '.' : folder;
}

test('imports point one way: core, then its adapters, then the app, then functions and command line', async () => {
  const wrong = [];
  for (const { file, specifier } of await imports()) {
    if (!specifier.startsWith('.')) continue;
    const from = folderOf(file);
    const to = folderOf(relative(ROOT, join(ROOT, dirname(file), specifier)));
    if (from !== to && !ALLOWED[from]?.includes(to)) wrong.push(`${file} imports ${specifier}`);
  }
  assert.deepEqual(wrong, []);
});

test('core imports nothing but Node', async () => {
  const wrong = (await imports()).filter(({ file, specifier }) => folderOf(file) === 'core' && SDK.test(specifier));
  assert.deepEqual(wrong, []);
});

test('the only file that knows core and all adapters is the composition root', async () => {
  const adapters = new Map<string, Set<string>>();
  for (const { file, specifier } of await imports()) {
    const adapter = /\/(azure|file)\//.exec(specifier)?.[1];
    if (adapter === undefined || ['azure', 'file', 'local'].includes(folderOf(file))) continue;
    adapters.set(file, (adapters.get(file) ?? new Set()).add(adapter));
  }
  assert.deepEqual(
    [...adapters.keys()].map((file) => file.replaceAll('\\', '/')),
    ['src/app.ts'],
  );
});
