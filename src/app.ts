import { randomBytes } from 'node:crypto';
import type { TokenCredential } from '@azure/core-auth';
import { runExport } from './core/exporter.ts';
import type { Log } from './core/log.ts';
import type { Logs } from './core/logs.ts';
import { isLoopback } from './core/loopback.ts';
import { formatQuery } from './core/query.ts';
import type { RunReport } from './core/run.ts';
import type { Store } from './core/store.ts';
import { startWatermark } from './core/watermark.ts';
import { formatCompact } from './core/window.ts';
import { type ExportSettings, parseSettings, type Settings } from './settings.ts';
import type { Env } from './settings-exports.ts';

/** The exporter on the sink and the Logs that the settings name. Each of these is opened once, when first needed. */
export interface App {
  readonly settings: Settings;
  openStore(): Promise<Store>;
  openLogs(): Promise<Logs>;
  /** @throws RunError when the run failed. */
  run(exported: ExportSettings, watch: Watch, signal: AbortSignal): Promise<RunReport>;
  /** Creates the export's watermark at `atMs`; `false` when it has one. */
  start(exported: ExportSettings, atMs: number): Promise<boolean>;
}

/** Who is told how a run goes on. */
interface Watch {
  readonly log: Log;
  readonly onProgress?: ((report: RunReport) => void) | undefined;
}

const CLOCK = { now: () => Date.now(), elapsed: () => performance.now() };

/** The SDKs are imported on first use: what needs none starts fast. */
export function createApp(settings: Settings): App {
  const { sink, logsEndpoint, workspaceId, queriesAtOnce, exports: _, ...limits } = settings;
  const openCredential = once(async (): Promise<TokenCredential> => {
    const { DefaultAzureCredential } = await import('@azure/identity');
    return new DefaultAzureCredential();
  });
  /** Emulators listen on loopback: no token leaves for them. */
  const credentialFor = (url: URL) => (isLoopback(url) ? undefined : openCredential());

  const openStore = once(async (): Promise<Store> => {
    if (sink.kind === 'directory') return (await import('./file/file-store.ts')).createFileStore(sink.directory);
    const { createLakeStore } = await import('./azure/lake-store.ts');
    return createLakeStore(sink.url, await credentialFor(sink.url));
  });
  const openLogs = once(async (): Promise<Logs> => {
    const { createLogs } = await import('./azure/logs.ts');
    const credential = await credentialFor(logsEndpoint);
    return createLogs({ endpoint: logsEndpoint, workspaceId, credential, queriesAtOnce });
  });

  return {
    settings,
    openStore,
    openLogs,
    async run({ name, query }, watch, signal) {
      const ports = { store: await openStore(), logs: await openLogs(), clock: CLOCK, newRunId, ...watch };
      return runExport({ name, query, source: workspaceId, ...limits }, ports, signal);
    },
    async start({ name, query }, atMs) {
      const start = {
        name,
        source: workspaceId,
        query: formatQuery(query),
        atMs,
        runId: newRunId(),
        nowMs: Date.now(),
      };
      return startWatermark(await openStore(), start);
    },
  };
}

let shared: App | undefined;

/**
 * The app of this process: settings do not change while it lives.
 * @throws SettingsError, each time anew.
 */
export function sharedApp(env: Env): App {
  shared ??= createApp(parseSettings(env));
  return shared;
}

/** `20261122T140500.000Z-1f2e3d4c`: sorts by time, and no two runs share one. */
export function newRunId(): string {
  return `${formatCompact(Date.now())}-${randomBytes(4).toString('hex')}`;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
