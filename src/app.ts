import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { TokenCredential } from '@azure/core-auth';
import { explainSignIn } from './azure/sign-in.ts';
import type { BackfillRange } from './core/backfill.ts';
import { RunError, runBackfill, runExport } from './core/exporter.ts';
import type { Format } from './core/formats/format.ts';
import { openFormat } from './core/formats/formats.ts';
import { createFlat } from './core/lake/flat.ts';
import { createLake } from './core/lake/lake.ts';
import { isLoopback } from './core/loopback.ts';
import { startExport } from './core/open.ts';
import { beginRun, newReport, type Ports, type RunReport } from './core/run.ts';
import type { Sink } from './core/sink.ts';
import { openTable, type Table } from './core/table.ts';
import { openKeys } from './core/tally.ts';
import { formatCompact } from './core/window.ts';
import type { ExportSettings, Settings } from './settings/settings.ts';

/** The exporter on the sink and the Logs that the settings name. Each of these is opened once, when first needed. */
export interface App {
  readonly settings: Settings;
  openSink(): Promise<Sink>;
  openFormat(): Promise<Format>;
  /** For who only asks. */
  openTable(exported: ExportSettings): Promise<Table>;
  /** What a run, or whoever works like one, needs. */
  openPorts(exported: ExportSettings, watch: Watch): Promise<Ports>;
  /**
   * Begins an export at `atMs`, milliseconds since 1970, where nothing has been exported yet.
   * @throws saying why it cannot begin there.
   */
  start(exported: ExportSettings, atMs: number, watch: Watch, signal: AbortSignal): Promise<void>;
  /** @throws RunError when the run failed. */
  run(exported: ExportSettings, watch: Watch, signal: AbortSignal): Promise<RunReport>;
  /**
   * Exports a range beside, for as long as a run's budget lasts. Without one goes on with what is listed.
   * @throws RunError when it failed.
   */
  backfill(
    exported: ExportSettings,
    range: BackfillRange | undefined,
    watch: Watch,
    signal: AbortSignal,
  ): Promise<RunReport>;
}

/** Who is told how a run goes on. */
type Watch = Pick<Ports, 'log' | 'onProgress'>;

// Otherwise V8 lets its young generation, and the garbage that waits there, grow with what passes through: by 40 MB over
// a long backlog, for nothing that an export gains.
setFlagsFromString('--semi-space-growth-factor=1');

/** What an answer under way takes, and some more for the others that share the machine. */
const ROOM_BYTES = 64 * 1024 * 1024;

const CLOCK = { now: () => Date.now(), elapsed: () => performance.now() };

/** The SDKs are imported on first use: what needs none starts fast. */
export function createApp(settings: Settings): App {
  const { sink, rest, logsEndpoint, queriesAtOnce, format, compression } = settings;
  const { lagMs, lookbackMs, windowMs, budgetMs, auditMs } = settings;
  const limits = { lagMs, lookbackMs, windowMs, budgetMs, auditMs, windowsAtOnce: queriesAtOnce };
  const openCredential = once(async () => {
    const { DefaultAzureCredential } = await import('@azure/identity');
    return explainSignIn(new DefaultAzureCredential());
  });
  /** Emulators listen on loopback: no token leaves for them. */
  const credentialFor = async (url: URL): Promise<TokenCredential | undefined> =>
    isLoopback(url) ? undefined : openCredential();

  const openDelivery = async () => {
    if (rest === undefined) return undefined;
    const { createDelivery } = await import('./rest/delivery.ts');
    const credential = rest.audience === undefined ? undefined : await credentialFor(rest.url);
    return createDelivery({ ...rest, credential });
  };
  const openParts = () => openFormat(format, compression);
  const openSink = once(async (): Promise<Sink> => {
    if (sink.protocol === 'postgresql:') {
      const { createPostgresSink } = await import('./postgres/sink.ts');
      const { targetOf } = await import('./postgres/target.ts');
      const credential = targetOf(sink).takesToken ? await openCredential() : undefined;
      return createPostgresSink({ url: sink, password: process.env.PGPASSWORD, credential, queriesAtOnce });
    }
    const made = { format: await openParts(), now: CLOCK.now };
    if (sink.protocol === 'file:') {
      const { createFileStore } = await import('./file/store.ts');
      return createLake({ store: createFileStore(fileURLToPath(sink)), delivery: await openDelivery(), ...made });
    }
    const credential = await credentialFor(sink);
    const { openFlatAccount } = await import('./azure/blob/open.ts');
    const flat = await openFlatAccount(sink, credential);
    if (flat !== undefined && rest !== undefined) {
      throw new Error(
        'REST_URL: found it beside a flat account in SINK_URL, expected a lake or file:<directory> there, for the staging: ' +
          'its blocks cannot be read before they are published',
      );
    }
    if (flat !== undefined) return createFlat({ store: flat, pause, ...made });
    const { createLakeStore } = await import('./azure/lake/store.ts');
    return createLake({ store: createLakeStore(sink, credential), delivery: await openDelivery(), ...made });
  });
  const openLogs = once(async () => {
    const { createLogs } = await import('./azure/logs/logs.ts');
    return createLogs({ endpoint: logsEndpoint, credential: await credentialFor(logsEndpoint), queriesAtOnce });
  });
  const openExported = async ({ query, source }: ExportSettings) =>
    openTable(await openLogs(), source, query, CLOCK.now);
  const openPorts = async (exported: ExportSettings, watch: Watch) => ({
    sink: await openSink(),
    table: await openExported(exported),
    keys: await openKeys(),
    clock: CLOCK,
    newRunId,
    hasRoom: () => process.availableMemory() > ROOM_BYTES,
    ...watch,
  });
  const openRun = (exported: ExportSettings, watch: Watch): Promise<Ports> =>
    openPorts(exported, watch).catch((error: unknown) => {
      throw new RunError(newReport(exported.name, newRunId()), error);
    });

  return {
    settings,
    openSink,
    openFormat: openParts,
    openTable: openExported,
    openPorts,
    async start(exported, atMs, watch, signal) {
      const ports = await openPorts(exported, watch);
      await startExport(beginRun({ name: exported.name, ...limits }, ports, signal), atMs);
    },
    async run(exported, watch, signal) {
      return runExport({ name: exported.name, ...limits }, await openRun(exported, watch), signal);
    },
    async backfill(exported, range, watch, signal) {
      return runBackfill({ name: exported.name, ...limits }, await openRun(exported, watch), range, signal);
    },
  };
}

/** `20261122T140500.000Z-1f2e3d4c`: sorts by time, and no two runs share one. */
export function newRunId(): string {
  return `${formatCompact(Date.now())}-${randomBytes(4).toString('hex')}`;
}

/** Between the attempts to send a block: one, two, four seconds. */
const pause = (attempts: number): Promise<void> => delay(1000 * 2 ** (attempts - 1));

/** What could not be made is tried again by the next who needs it. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
