import { join } from 'node:path';
import { type Cli, startCli } from './cli.ts';

/** The part of a run's JSON that is looked at. */
interface Printed {
  readonly runId: string;
  readonly outcome: string;
  readonly error?: string;
}

/** How one run, or one backfill, ended. */
export interface EndedRun {
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly wasKilled: boolean;
  /** 0, or 1 when the run failed; null when it was killed. */
  readonly code: number | null;
  /** What it printed, if it came to that. */
  readonly report: Printed | undefined;
  readonly printed: string;
  /** Its standard error. */
  readonly said: string;
}

export interface StartedRun {
  readonly startedAtMs: number;
  readonly ended: Promise<EndedRun>;
  /** SIGKILL: no chance to clean up. */
  kill(): void;
}

export interface Runs {
  /** `run --once` by default. */
  start(env?: Readonly<Record<string, string>>, args?: readonly string[]): StartedRun;
  killAll(): void;
}

/** Starts the command line of the built app in the folder `app`, in processes of its own. */
export function createRuns(app: string, exportName: string, env: Readonly<Record<string, string>>): Runs {
  const main = join(app, 'dist/cli/main.js');
  const live = new Set<Cli>();
  return {
    start(more = {}, args = ['run', '--once']) {
      const startedAtMs = Date.now();
      const cli = startCli([...args, '--json', '--export', exportName], { ...env, ...more }, app, main);
      live.add(cli);
      const end = async (): Promise<EndedRun> => {
        const { code, stdout, stderr } = await cli.result;
        live.delete(cli);
        const line = stdout.split('\n').find((text) => text.includes('"runId"'));
        return {
          startedAtMs,
          durationMs: Date.now() - startedAtMs,
          wasKilled: cli.process.signalCode === 'SIGKILL',
          code,
          report: line === undefined ? undefined : JSON.parse(line),
          printed: stdout,
          said: stderr,
        };
      };
      return { startedAtMs, ended: end(), kill: () => void cli.process.kill('SIGKILL') };
    },
    killAll() {
      for (const cli of live) cli.process.kill('SIGKILL');
    },
  };
}
