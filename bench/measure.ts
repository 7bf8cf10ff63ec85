import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Load, Served } from './answer-server.ts';
import type { Scene } from './scene.ts';
import type { Taken, Task } from './task.ts';

export const WORKSPACE_ID = '00000000-0000-0000-0000-000000000001';

/** The middle of several measurements, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, min: at(0), max: at(sorted.length - 1) };
}

/** Runs `use` with an answer server of this load; gives it the settings, and what the server has been asked. */
export function withAnswers<T>(
  load: Load,
  use: (env: Record<string, string>, served: () => Promise<Served>) => Promise<T>,
): Promise<T> {
  return withServer('answer-server.ts', load, (env, ask) => use(env, () => ask('served?')));
}

/**
 * Runs `use` with a server of this folder, in a process of its own; gives it the settings that do not depend on the sink,
 * and a way to ask the process something.
 */
export async function withServer<T>(
  entry: string,
  task: object,
  use: (env: Record<string, string>, ask: <A>(question: string | number) => Promise<A>) => Promise<T>,
): Promise<T> {
  const { child, port, close } = await startServer(entry, JSON.stringify(task));
  try {
    const env = {
      APPINSIGHTS_WORKSPACE_ID: WORKSPACE_ID,
      LOGS_ENDPOINT: `http://127.0.0.1:${port}/v1`,
      EXPORTS: 'requests',
      EXPORT_LAG_MINUTES: '0',
      EXPORT_BUDGET_SECONDS: '480',
    };
    return await use(env, <A>(question: string | number) => {
      const answered = message<A>(child);
      child.send(question);
      return answered;
    });
  } finally {
    await close();
  }
}

/** Starts a server of this folder in a process of its own, which sends its port. */
export async function startServer(file: string, ...args: string[]) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args);
  const port = await message<number>(child);
  async function close(): Promise<void> {
    child.disconnect();
    await once(child, 'exit');
  }
  return { child, port, close };
}

/** Runs a contender in a process of its own. */
export async function runContender(scene: Scene, task: Task): Promise<Taken> {
  const { profiles, contender } = scene;
  const execArgv = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}/${task.contender}`];
  const child = fork(contender, [JSON.stringify(task)], { execArgv });
  const exited = once(child, 'exit');
  const taken = await message<Taken>(child);
  await exited;
  if (taken.rows !== task.rows) throw new Error(`${task.contender}: found ${taken.rows} rows, expected ${task.rows}`);
  return taken;
}

/** The first message of a process. */
async function message<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`a process ended with ${code}`)));
  const [first] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => undefined);
  return first as T;
}

export function describeMachine(): string {
  return `Node ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} cores`;
}
