import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { StorageSharedKeyCredential } from '@azure/storage-blob';
import { DataLakeFileSystemClient } from '@azure/storage-file-datalake';
import type { PartFile, SinkReader } from './compare.ts';

/** The well-known account of every local emulator; no secret. */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Reads a lake as its consumers do: list the parts, skip what begins with `_`, read lines. */
export function createLakeReader(url: string): SinkReader {
  const lake = new DataLakeFileSystemClient(url, new StorageSharedKeyCredential(ACCOUNT, KEY));
  return {
    name: 'the lake',
    columnOf: (name) => name,
    async listParts(exportName) {
      const parts: PartFile[] = [];
      for await (const entry of lake.listPaths({ path: exportName, recursive: true })) {
        const path = entry.name ?? '';
        if (!entry.isDirectory && !path.includes('/_')) parts.push({ path, bytes: entry.contentLength ?? 0 });
      }
      return parts;
    },
    /** Compressed with gzip, as by default. */
    async *readRows(path) {
      const { readableStreamBody } = await lake.getFileClient(path).read();
      if (readableStreamBody === undefined) throw new Error(`${path} has no content`);
      const gunzip = createGunzip();
      readableStreamBody.on('error', (error) => gunzip.destroy(error));
      for await (const line of createInterface({ input: readableStreamBody.pipe(gunzip) })) yield JSON.parse(line);
    },
  };
}
