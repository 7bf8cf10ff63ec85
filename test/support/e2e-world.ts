import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { DataLakeServiceClient } from '@azure/storage-file-datalake';
import { startLake } from '../../src/local/lake/lake.ts';
import { type LogsEmulator, startLogsEmulator } from '../../src/local/logs/emulator.ts';

type Settings = Readonly<Record<string, string>>;

/** Logs and a Data Lake on this machine, for all tests of a file. */
export interface World extends AsyncDisposable {
  readonly logs: LogsEmulator;
  /** A lake of its own for one test. */
  openSink(): Promise<Sink>;
}

/** An empty file system, as a consumer sees it. */
export interface Sink {
  readonly url: string;
  /** Good settings for this sink: no lag, half an hour back. */
  settings(more?: Settings): Record<string, string>;
  /** The parts of an export, oldest first. Throws when anything else but its watermark is in its folder. */
  parts(exportName: string): Promise<PartContent[]>;
  /** The rows of all parts. */
  rows(exportName: string): Promise<Record<string, unknown>[]>;
  /** The watermark file; `undefined` when there is none. */
  watermark(exportName: string): Promise<Record<string, unknown> | undefined>;
}

export interface PartContent {
  readonly path: string;
  readonly lines: readonly string[];
}

const { credential } = DataLakeServiceClient.fromConnectionString('UseDevelopmentStorage=true');

export async function openWorld(options: Parameters<typeof startLogsEmulator>[0] = {}): Promise<World> {
  const [logs, lake] = await Promise.all([startLogsEmulator(options), startLake()]);
  let sinks = 0;
  return {
    logs,
    async openSink() {
      const name = `sink-${++sinks}`;
      await lake.createFileSystem(name);
      return createSink(lake.url(name), logs);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([logs.close(), lake.close()]);
    },
  };
}

function createSink(url: string, logs: LogsEmulator): Sink {
  const [, account = '', fileSystem = ''] = new URL(url).pathname.split('/');
  const service = new DataLakeServiceClient(`${new URL(url).origin}/${account}`, credential);
  const files = service.getFileSystemClient(fileSystem);
  const readBytes = (path: string): Promise<Buffer> => files.getFileClient(path).readToBuffer();

  async function parts(exportName: string): Promise<PartContent[]> {
    const found: PartContent[] = [];
    for await (const { name = '', isDirectory } of files.listPaths({ path: exportName, recursive: true })) {
      const isOwn = /^[^/]+\/(?:_watermark\.json|_schema\.json|_staging)$/.test(name);
      if (isOwn || (isDirectory && !name.includes('/_staging/'))) continue;
      if (!/^[^/]+\/y=\d{4}\/m=\d\d\/d=\d\d\/h=\d\d\/[^/]+$/.test(name)) throw new Error(`${name} was left behind`);
      const text = decompress(name, await readBytes(name));
      found.push({ path: name, lines: text.split('\n').slice(0, -1) });
    }
    return found.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  return {
    url,
    parts,
    settings: (more = {}) => ({
      APPINSIGHTS_WORKSPACE_ID: logs.workspaceId,
      LOGS_ENDPOINT: logs.endpoint,
      SINK_URL: url,
      EXPORT_LAG_MINUTES: '0',
      EXPORT_LOOKBACK_HOURS: '0.5',
      ...more,
    }),
    async rows(exportName) {
      const lines = (await parts(exportName)).flatMap((part) => part.lines);
      return lines.map((line): Record<string, unknown> => JSON.parse(line));
    },
    async watermark(exportName) {
      const path = `${exportName}/_watermark.json`;
      if (!(await files.getFileClient(path).exists())) return undefined;
      return JSON.parse((await readBytes(path)).toString());
    },
  };
}

function decompress(path: string, bytes: Buffer): string {
  if (path.endsWith('.jsonl.gz')) return gunzipSync(bytes).toString();
  if (path.endsWith('.jsonl.zst')) return zstdDecompressSync(bytes).toString();
  if (path.endsWith('.jsonl')) return bytes.toString();
  throw new Error(`${path}: expected .jsonl, .jsonl.gz or .jsonl.zst`);
}

/** An ISO time so many minutes before now, with all seven digits. */
export function minutesAgo(minutes: number, fraction = '0000000'): string {
  const iso = new Date(Date.now() - minutes * 60_000).toISOString();
  return `${iso.slice(0, -5)}.${fraction}Z`;
}

/** Throws unless each row is there once, and no other. Rows carry a name of their own in `OperationName`. */
export function checkEachOnce(rows: readonly Record<string, unknown>[], names: readonly string[]): void {
  const found = new Set(rows.map((row) => row.OperationName));
  const doubled = rows.length - found.size;
  const lost = names.filter((name) => !found.delete(name));
  if (lost.length === 0 && doubled === 0 && found.size === 0) return;
  throw new Error(
    `of ${names.length} rows ${lost.length} are lost, ${doubled} doubled, ${found.size} too many: ${lost[0]}`,
  );
}

let batches = 0;

/** Puts rows with names of their own, in `OperationName`, into a table; gives the names. */
export async function ingestNamed(
  logs: LogsEmulator,
  table: string,
  count: number,
  ingestedAt: string,
  more: (index: number) => Readonly<Record<string, unknown>> = () => ({}),
): Promise<string[]> {
  const batch = ++batches;
  const names = Array.from({ length: count }, (_, index) => `${batch}-${index}`);
  const rows = names.map((OperationName, index) => ({ OperationName, ...more(index) }));
  await logs.ingest(table, rows, { ingestionTicks: ingestedAt });
  return names;
}
