import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataLakeServiceClient } from '@azure/storage-file-datalake';
import { startLake } from '../../src/local/lake/lake.ts';
import { startBlobAccount } from './blob-account.ts';
import { openPostgresSink } from './kill-postgres.ts';
import { createReceived } from './kill-receiver.ts';

/** A sink as a reader sees it, with nothing of the exporter's own code. Paths are relative to the sink. */
export interface Sink {
  /** As `SINK_URL` wants it. */
  readonly url: string;
  /** Besides `SINK_URL`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What is in it is never read back: rows that become visible late are reported, and stay out of it. */
  readonly isOneWay?: boolean;
  /** A part is rows of a table, and there is nothing to compress. */
  readonly isDatabase?: boolean;
  /** Whether something is being written that no file shows. */
  isWriting?(): Promise<boolean>;
  /** Every file below the folder; nothing when there is no such folder. */
  list(folder: string): Promise<SinkFile[]>;
  /** `undefined` when there is no such file. */
  read(path: string): Promise<Buffer | undefined>;
  /** Ends it and removes what is in it. */
  close(): Promise<void>;
}

export interface SinkFile {
  readonly path: string;
  readonly bytes: number;
  /** Changes when the file does. */
  readonly etag: string;
  /** Where these are not in its name. */
  readonly rows?: number;
}

export const SINKS = {
  lake: openLakeSink,
  file: openFileSink,
  flat: openFlatSink,
  rest: openRestSink,
  postgresql: openPostgresSink,
} as const;

const FILE_SYSTEM = 'telemetry';

async function openLakeSink(): Promise<Sink> {
  const lake = await startLake();
  const url = lake.url(FILE_SYSTEM);
  const account = url.slice(0, url.lastIndexOf('/'));
  const { credential } = DataLakeServiceClient.fromConnectionString('UseDevelopmentStorage=true');
  const files = new DataLakeServiceClient(account, credential).getFileSystemClient(FILE_SYSTEM);
  await lake.createFileSystem(FILE_SYSTEM);
  return {
    url,
    close: lake.close,
    list: async (folder) => (await unlessAbsent(listLake(files, folder))) ?? [],
    read: (path) => unlessAbsent(readBody(files.getFileClient(path).read())),
  };
}

type FileSystem = ReturnType<DataLakeServiceClient['getFileSystemClient']>;

async function listLake(files: FileSystem, folder: string): Promise<SinkFile[]> {
  const found: SinkFile[] = [];
  for await (const entry of files.listPaths({ path: folder, recursive: true })) {
    const { name: path = '', contentLength: bytes = 0, etag = '' } = entry;
    if (!entry.isDirectory) found.push({ path, bytes, etag });
  }
  return found;
}

/** In one request: a watermark may be replaced between two. */
async function readBody(request: Promise<{ readableStreamBody?: NodeJS.ReadableStream }>): Promise<Buffer> {
  const { readableStreamBody } = await request;
  const chunks: Buffer[] = [];
  for await (const chunk of readableStreamBody ?? []) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** A directory for watermark and staging, and a receiver whose batches count as the parts. */
async function openRestSink(seed: number): Promise<Sink> {
  const [directory, received] = await Promise.all([openFileSink(), createReceived(seed)]);
  return {
    url: directory.url,
    settings: { REST_URL: received.url.href },
    isOneWay: true,
    list: async (folder) => [...(await directory.list(folder)), ...received.list(folder)],
    read: async (path) => received.read(path) ?? directory.read(path),
    async close() {
      await received.close();
      await directory.close();
    },
  };
}

async function openFlatSink(): Promise<Sink> {
  const account = await startBlobAccount();
  const { url, container } = await account.create();
  return {
    url: url.href,
    close: account.close,
    async list(folder) {
      const found: SinkFile[] = [];
      for await (const blob of container.listBlobsFlat({ prefix: `${folder}/`, includeMetadata: true })) {
        const { contentLength: bytes = 0, etag } = blob.properties;
        found.push({ path: blob.name, bytes, etag, rows: Number(blob.metadata?.rows) });
      }
      return found;
    },
    read: (path) => unlessAbsent(readBody(container.getBlobClient(path).download())),
  };
}

async function openFileSink(): Promise<Sink> {
  const root = await mkdtemp(join(tmpdir(), 'monitorlift-kill-'));
  return {
    url: `file:${root}`,
    close: () => rm(root, { recursive: true, force: true }),
    list: (folder) => listFolder(root, folder),
    read: (path) => unlessAbsent(readFile(join(root, path))),
  };
}

/** Folder by folder: any of them may go meanwhile. */
async function listFolder(root: string, folder: string): Promise<SinkFile[]> {
  const entries = (await unlessAbsent(readdir(join(root, folder), { withFileTypes: true }))) ?? [];
  const found: SinkFile[] = [];
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      found.push(...(await listFolder(root, path)));
      continue;
    }
    const stats = await unlessAbsent(stat(join(root, path), { bigint: true }));
    if (stats) found.push({ path, bytes: Number(stats.size), etag: `${stats.ino}-${stats.size}-${stats.mtimeNs}` });
  }
  return found;
}

async function unlessAbsent<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    const { code, statusCode } = error as { code?: string; statusCode?: number };
    if (code === 'ENOENT' || statusCode === 404) return undefined;
    throw error;
  }
}
