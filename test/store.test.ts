import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { createLakeStore } from '../src/azure/lake/store.ts';
import { createFileStore } from '../src/file/store.ts';
import { type Lake, startLake } from '../src/local/lake/lake.ts';
import { createMemoryStore } from './support/memory-store.ts';
import { describeStore } from './support/store-suite.ts';

for (const keepsEtag of [true, false]) {
  describeStore(`a store in memory that ${keepsEtag ? 'keeps' : 'changes'} ETags`, {
    open: async () => createMemoryStore({ keepsEtag }),
    keepsEtag,
  });
}

describe('on disk', () => {
  let directory: string;
  let opened = 0;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'monitorlift-store-'));
  });
  after(() => rm(directory, { recursive: true }));

  describeStore('a directory', {
    open: async () => createFileStore(join(directory, `sink ${++opened}`)),
    keepsEtag: true,
  });
});

describe('in the local lake', () => {
  let lake: Lake;
  let opened = 0;
  before(async () => {
    lake = await startLake();
    await lake.createFileSystem('prefixed');
  });
  after(() => lake.close());

  describeStore('a file system', {
    open: async () => {
      const name = `sink-${++opened}`;
      await lake.createFileSystem(name);
      return createLakeStore(new URL(lake.url(name)), undefined);
    },
    keepsEtag: true,
  });

  describeStore('a folder in a file system', {
    open: async () => createLakeStore(new URL(`${lake.url('prefixed')}/some%20team/run+${++opened}/`), undefined),
    keepsEtag: true,
  });
});
