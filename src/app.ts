import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { TokenCredential } from '@azure/core-auth';
import { runExport } from './core/exporter.ts';
import type { Store } from './core/lake/store.ts';
import type { Logs } from './core/logs.ts';
import { isLoopback } from './core/loopback.ts';
import type { Ports, RunReport } from './core/run.ts';
import { formatCompact } from './core/window.ts';
import type { ExportSettings, Settings } from './settings/settings.ts';

/** The exporter on the sink and the Logs that the settings name. Each of these is opened once, when first needed. */
export interface App {
  readonly settings: Settings;
  openStore(): Promise<Store>;
  openLogs(): Promise<Logs>;
  /**
   * @param watch who is told how the run goes on.
   * @throws RunError when the run failed.
   */
  run(exported: ExportSettings, watch: Pick<Ports, 'log' | 'onProgress'>, signal: AbortSignal): Promise<RunReport>;
}

// Otherwise V8 lets its young generation, and the garbage that waits there, grow with what passes through: by 40 MB over a long
// backlog, for nothing that an export gains.
setFlagsFromString('--semi-space-growth-factor=1');

const CLOCK = { now: () => Date.now(), elapsed: () => performance.now() };

/** The SDKs are imported on first use: what needs none starts fast. */
export function createApp(settings: Settings): App {
  const { sink, logsEndpoint, workspaceId, queriesAtOnce, exports: _, ...limits } = settings;
  const openCredential = once(async () => {
    const { DefaultAzureCredential } = await import('@azure/identity');
    return new DefaultAzureCredential();
  });
  /** Emulators listen on loopback: no token leaves for them. */
  const credentialFor = async (url: URL): Promise<TokenCredential | undefined> =>
    isLoopback(url) ? undefined : openCredential();

  const openStore = once(async () => {
    if (sink.protocol === 'file:') {
      const { createFileStore } = await import('./file/store.ts');
      return createFileStore(fileURLToPath(sink));
    }
    const { createLakeStore } = await import('./azure/lake/store.ts');
    return createLakeStore(sink, await credentialFor(sink));
  });
  const openLogs = once(async () => {
    const { createLogs } = await import('./azure/logs/logs.ts');
    const credential = await credentialFor(logsEndpoint);
    return createLogs({ endpoint: logsEndpoint, credential, queriesAtOnce });
  });

  return {
    settings,
    openStore,
    openLogs,
    async run({ name, query }, watch, signal) {
      const ports = { store: await openStore(), logs: await openLogs(), clock: CLOCK, newRunId, ...watch };
      return runExport({ name, query, source: workspaceId, ...limits }, ports, signal);
    },
  };
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
