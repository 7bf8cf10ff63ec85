import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import Module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A function as the app registers it. */
export interface ListedFunction {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Invocation {
  /** The error that the invocation failed with; `undefined` when it succeeded. */
  readonly error: string | undefined;
  readonly logs: readonly { readonly level: string; readonly message: string }[];
}

export interface FunctionsHost {
  readonly functions: readonly ListedFunction[];
  /** Invokes a function with the input that the Functions host sends for a timer. */
  invoke(name: string, timer?: object): Promise<Invocation>;
  /** Ends the process of the app. */
  stop(): Promise<void>;
}

/** Builds the app into a new folder with what publish sends, and the command line. Remove it with `removeApp`. */
export async function buildApp(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'monitorlift-app-'));
  await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/build.ts'), join(folder, 'dist')]);
  for (const file of ['package.json', 'host.json']) await cp(join(ROOT, file), join(folder, file));
  return folder;
}

export async function removeApp(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

const TIMER = {
  Schedule: { AdjustForDST: true },
  ScheduleStatus: { Last: '2026-11-22T14:05:00Z', Next: '2026-11-22T14:10:00Z', LastUpdated: '2026-11-22T14:05:00Z' },
  IsPastDue: false,
};

type ToWorker = { readonly id: number; readonly name: string; readonly timer: object };
type FromWorker = { readonly functions: ListedFunction[] } | ({ readonly id: number } & Invocation);

/**
 * Loads a built app in a process of its own as the Functions host's worker does: by the `main` of its package.json, with
 * a stand-in for the worker's `@azure/functions-core`, so that the real `@azure/functions` registers and invokes.
 */
export async function startHost(app: string, env: Readonly<Record<string, string>>): Promise<FunctionsHost> {
  const worker = fork(import.meta.filename, [app], { cwd: app, env: { PATH: process.env.PATH, ...env } });
  const listed = await nextMessage(worker, (message) => 'functions' in message);
  let ids = 0;
  return {
    functions: 'functions' in listed ? listed.functions : [],
    async invoke(name, timer = TIMER) {
      ids += 1;
      const id = ids;
      const answer = nextMessage(worker, (message) => 'id' in message && message.id === id);
      worker.send({ id, name, timer } satisfies ToWorker);
      const message = await answer;
      return 'id' in message ? message : { error: 'no answer', logs: [] };
    },
    async stop() {
      if (worker.exitCode !== null || worker.signalCode !== null) return;
      const ended = once(worker, 'exit');
      worker.kill();
      await ended;
    },
  };
}

function nextMessage(worker: ChildProcess, wanted: (message: FromWorker) => boolean): Promise<FromWorker> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      if (wanted(message as FromWorker)) finish(() => resolve(message as FromWorker));
    };
    const onExit = (code: number | null): void => finish(() => reject(new Error(`the app ended with ${code}`)));
    const finish = (settle: () => void): void => {
      worker.off('message', onMessage);
      worker.off('exit', onExit);
      settle();
    };
    worker.on('message', onMessage);
    worker.on('exit', onExit);
  });
}

type Callback = (...args: unknown[]) => unknown;
interface Model {
  getInvocationModel(context: object): {
    getArguments(): Promise<{ context: object; inputs: unknown[] }>;
    invokeFunction(context: object, inputs: unknown[], callback: Callback): Promise<unknown>;
    getResponse(context: object, result: unknown): Promise<unknown>;
  };
}

/** The worker's side: what runs in the process of the app. */
async function work(app: string): Promise<void> {
  const functions = new Map<string, { metadata: ListedFunction; callback: Callback }>();
  let model: Model | undefined;
  const core = {
    version: '0.0.0',
    setProgrammingModel: (set: Model) => {
      model = set;
    },
    registerFunction: (metadata: ListedFunction, callback: Callback) => {
      functions.set(metadata.name, { metadata, callback });
    },
  };
  const original = Module.prototype.require;
  Module.prototype.require = function (this: Module, id: string) {
    return id === '@azure/functions-core' ? core : original.call(this, id);
  } as typeof original;

  const { main } = JSON.parse(await readFile(join(app, 'package.json'), 'utf8'));
  await import(pathToFileURL(join(app, main)).href);
  process.on('message', async ({ id, name, timer }: ToWorker) => {
    const logs: { level: string; message: string }[] = [];
    let error: string | undefined;
    try {
      const { metadata, callback } = functions.get(name) ?? {};
      if (metadata === undefined || callback === undefined || model === undefined)
        throw new Error(`no function ${name}`);
      const invocation = model.getInvocationModel({
        invocationId: `invocation-${id}`,
        metadata,
        request: { inputData: [{ name: Object.keys(metadata.bindings)[0], data: { json: JSON.stringify(timer) } }] },
        log: (level: string, _category: string, message: string) => logs.push({ level, message }),
      });
      const { context, inputs } = await invocation.getArguments();
      await invocation.getResponse(context, await invocation.invokeFunction(context, inputs, callback));
    } catch (thrown) {
      error = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    }
    process.send?.({ id, error, logs });
  });
  process.send?.({ functions: [...functions.values()].map(({ metadata }) => metadata) });
}

if (process.argv[1] === import.meta.filename && process.send !== undefined) await work(process.argv[2] ?? '.');
