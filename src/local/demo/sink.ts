import { startLake } from '../lake/lake.ts';
import { startPostgres } from '../postgres/server.ts';
import type { SinkReader } from './compare.ts';
import { createDatabaseReader } from './database-reader.ts';
import { createLakeReader } from './lake-reader.ts';

/** Where the demo exports to. */
export interface DemoSink {
  /** What it is, and where. */
  readonly title: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly reader: SinkReader;
  /** Ends it. */
  close(): Promise<void>;
}

export const SINKS = { lake: openLake, postgresql: openPostgres } as const;

const FILE_SYSTEM = 'telemetry';

async function openLake(): Promise<DemoSink> {
  const lake = await startLake();
  const url = lake.url(FILE_SYSTEM);
  try {
    await lake.createFileSystem(FILE_SYSTEM);
  } catch (error) {
    await lake.close();
    throw error;
  }
  return {
    title: `Data Lake at ${url}`,
    settings: { SINK_URL: url },
    reader: createLakeReader(url),
    close: lake.close,
  };
}

async function openPostgres(): Promise<DemoSink> {
  const server = await startPostgres();
  const { url, password } = await server.createDatabase();
  const reader = createDatabaseReader(url, password);
  return {
    title: `PostgreSQL at ${url}`,
    settings: { SINK_URL: url.href, PGPASSWORD: password },
    reader,
    async close() {
      await reader.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
