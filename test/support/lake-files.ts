import assert from 'node:assert/strict';
import { after, before, beforeEach } from 'node:test';
import {
  type DataLakeFileClient,
  DataLakeFileSystemClient,
  DataLakeServiceClient,
  RestError,
} from '@azure/storage-file-datalake';
import { type Lake, startLake } from '../../src/local/lake/lake.ts';

const { credential } = DataLakeServiceClient.fromConnectionString('UseDevelopmentStorage=true');

/** The local Data Lake with a new file system for each test. */
export function useLake() {
  let lake: Lake;
  let files: DataLakeFileSystemClient;
  let fileSystem = '';
  let made = 0;
  before(async () => {
    lake = await startLake();
  });
  after(() => lake.close());
  beforeEach(async () => {
    fileSystem = `files-${++made}`;
    await lake.createFileSystem(fileSystem);
    files = clientOf(fileSystem);
  });

  const clientOf = (name: string) =>
    new DataLakeFileSystemClient(lake.url(name), credential, { retryOptions: { maxTries: 1 } });

  return {
    files: () => files,
    fileSystem: () => fileSystem,
    url: () => lake.url(fileSystem),
    clientOf,

    /** With the account in the path, the SDK needs it in front of the file system. */
    move: (from: DataLakeFileClient, to: string, options = {}) =>
      from.move(`devstoreaccount1/${fileSystem}`, to, options),

    async write(path: string, text: string): Promise<DataLakeFileClient> {
      const file = files.getFileClient(path);
      await file.create();
      await file.append(text, 0, text.length, { flush: true });
      return file;
    },

    async textOf(path: string): Promise<string> {
      return (await files.getFileClient(path).readToBuffer()).toString();
    },
  };
}

export async function refuses(call: Promise<unknown>, status: number, code: string | undefined): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof RestError, String(error));
    assert.deepEqual([error.statusCode, error.code], [status, code]);
    return true;
  });
}
