import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach } from 'node:test';
import { type Cli, type CliResult, runCli, startCli } from './cli.ts';

const IS_WINDOWS = process.platform === 'win32';
/**
 * Windows has no signals: whoever ends a process there ends it at once, and only its console tells it of Ctrl-C. There a
 * line on standard input stands for it, so that the same tests see the same handlers.
 */
const LISTEN = "--import=data:text/javascript,process.stdin.on('data',name=>process.emit(''+name,''+name)).unref()";
/** For every process that is started. Node 22 warns of its SQLite, which has nothing to do with what is written here. */
export const PROCESS_ENV = { NODE_NO_WARNINGS: '1', ...(IS_WINDOWS && { NODE_OPTIONS: LISTEN }) };
export const WORKSPACE = '00000000-0000-0000-0000-000000000001';
export const HOUR_MS = 3_600_000;

/** The answer to a look at a table that has a row. */
const LOOK = JSON.stringify({
  tables: [
    {
      name: 'PrimaryResult',
      columns: [{ name: 'MonitorLiftIngestionTime', type: 'datetime' }],
      rows: [['2026-11-01T00:00:00Z']],
    },
  ],
});

/** A folder for each test, with a `lake` in it, and the command line in that folder. */
export interface CliFolder {
  /** A path in the folder of this test. */
  path(...names: string[]): string;
  /** Settings of the processes that are started; good ones when a test begins. */
  env: Record<string, string>;
  /** Logs that answer nothing: whoever asks waits. */
  readonly silent: Server;
  /** For the rest of the test Logs answer every look at a table. */
  answerLooks(): void;
  cli(...args: string[]): Promise<CliResult>;
  start(...args: string[]): Cli;
  writeWatermark(name: string, changes?: object): Promise<void>;
}

/** Registers the hooks of a test file. */
export function useCliFolder(): CliFolder {
  let folder = '';
  const silent = createServer(() => {});
  const use: CliFolder = {
    path: (...names) => join(folder, ...names),
    env: {},
    silent,
    answerLooks: () => silent.on('request', (_, response) => response.end(LOOK)),
    cli: (...args) => runCli(args, { ...PROCESS_ENV, ...use.env }, folder),
    start: (...args) => startCli(args, { ...PROCESS_ENV, ...use.env }, folder),
    async writeWatermark(name, changes = {}) {
      const exportedUntil = new Date(Date.now() - 60_000).toISOString();
      const look = { itemId: 'ItemId', ingestionTime: 'IngestionTime', proven: true };
      const position = { export: name, source: WORKSPACE, exportedUntil, windowMs: 60_000, look, commit: 1 };
      const file = { version: 2, ...position, publishing: [] };
      await mkdir(join(folder, 'lake', name), { recursive: true });
      const text = JSON.stringify({ ...file, runId: 'run', updatedAt: exportedUntil, ...changes });
      await writeFile(join(folder, 'lake', name, '_watermark.json'), text);
    },
  };
  before(async () => {
    await once(silent.listen(0, '127.0.0.1'), 'listening');
  });
  after(() => {
    silent.close();
    silent.closeAllConnections();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'monitorlift-cli-'));
    const { port } = silent.address() as AddressInfo;
    const LOGS_ENDPOINT = `http://127.0.0.1:${port}/v1`;
    use.env = { APPINSIGHTS_WORKSPACE_ID: WORKSPACE, SINK_URL: 'file:lake', LOGS_ENDPOINT };
  });
  afterEach(() => silent.removeAllListeners('request'));
  afterEach(() => rm(folder, { recursive: true, force: true }));
  return use;
}

export function send(name: 'SIGINT' | 'SIGTERM', { process: child }: Cli): void {
  if (IS_WINDOWS) child.stdin?.write(name);
  else child.kill(name);
}
