import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

interface Locked {
  readonly integrity?: string;
}

test('every package that may be installed has its checksum in package-lock.json', async () => {
  const text = await readFile(join(import.meta.dirname, '../package-lock.json'), 'utf8');
  const packages = Object.entries<Locked>(JSON.parse(text).packages).filter(([path]) => path !== '');
  assert.ok(packages.length > 100);
  assert.deepEqual(
    packages.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path),
    [],
    'npm leaves them out when a platform is missing from its cache. Take these entries out of package-lock.json, and let ' +
      '`npm install --package-lock-only` write them again',
  );
});
