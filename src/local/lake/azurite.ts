import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';

const START_TIMEOUT_MS = 60_000;

/** Run in Azurite's process before Azurite: what to do when the channel to this process closes. */
const END = 'process.exit()';
/** With data on disk: end as if asked to, so that everything is written, but surely. */
const END_GENTLY = `{process.emit("SIGTERM");setTimeout(()=>${END},5000).unref()}`;

export interface AzuriteOptions {
  /** 0 or nothing: a free port. */
  readonly blobPort?: number;
  /** With one of these Azurite runs its queue and table services too. */
  readonly queuePort?: number;
  readonly tablePort?: number;
  /** Where data is kept; nothing: in memory. */
  readonly folder?: string;
}

export interface Azurite {
  readonly blobPort: number;
  close(): Promise<void>;
}

/** Runs the real Azurite in a process of its own, on 127.0.0.1. Resolves when all its services answer. */
export async function startAzurite(options: AzuriteOptions): Promise<Azurite> {
  const isBlobOnly = options.queuePort === undefined && options.tablePort === undefined;
  const end = options.folder === undefined ? END : END_GENTLY;
  const child = fork(azuriteFile(isBlobOnly ? 'blob/main.js' : 'azurite.js'), azuriteArguments(options, isBlobOnly), {
    cwd: options.folder ?? tmpdir(),
    // Azurite ends when this process closes the channel or ends itself, killed or not: no orphan is left behind.
    execArgv: ['--import', `data:text/javascript,process.once("disconnect",()=>${end})`],
    // A Ctrl+C in the terminal reaches this process alone, which may still need the lake to stop cleanly.
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const close = () => stop(child);
  try {
    return { blobPort: await whenReady(child, isBlobOnly ? 'Blob' : 'Table'), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function azuriteFile(name: string): string {
  return createRequire(import.meta.url).resolve(`azurite/dist/src/${name}`);
}

function azuriteArguments(options: AzuriteOptions, isBlobOnly: boolean): string[] {
  const services = isBlobOnly ? ['blob'] : ['blob', 'queue', 'table'];
  const ports: Record<string, number | undefined> = {
    blob: options.blobPort,
    queue: options.queuePort,
    table: options.tablePort,
  };
  return [
    ...services.flatMap((name) => [`--${name}Host`, '127.0.0.1', `--${name}Port`, String(ports[name] ?? 0)]),
    ...(options.folder === undefined ? ['--inMemoryPersistence'] : ['--location', options.folder]),
    '--skipApiVersionCheck',
    '--disableTelemetry',
    '--loose',
    '--silent',
  ];
}

/** Reads what Azurite says until its last service listens, and answers the port of its blob service. */
async function whenReady(child: ChildProcess, lastService: string): Promise<number> {
  let blobPort = 0;
  let complaint = '';
  child.stderr?.on('data', (text) => {
    complaint = (complaint + text).slice(-1000);
  });
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  // Ends when Azurite does, or after the time limit.
  for await (const line of createInterface({ input: child.stdout ?? process.stdin, signal })) {
    const [, service, port] = /Azurite (\w+) service .*listen(?:s on|ing at) http:\S+:(\d+)/.exec(line) ?? [];
    if (service === 'Blob') blobPort = Number(port);
    if (service !== lastService) continue;
    child.stdout?.resume();
    return blobPort;
  }
  throw new Error(`Azurite did not start. It said: ${complaint.trim()}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  if (child.connected) child.disconnect();
  await exited;
}
