import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Cli {
  readonly process: ChildProcess;
  /** Resolves when what was written to standard error matches; rejects when the process ends before. */
  sees(pattern: RegExp): Promise<void>;
  readonly result: Promise<CliResult>;
}

/** Starts `monitorlift`, or another script, in a process of its own with nothing of this one's environment but PATH. */
export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
  script = MAIN,
): Cli {
  const child = spawn(process.execPath, [script, ...args], { cwd, env: { PATH: process.env.PATH, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const result = once(child, 'close').then(([code]) => ({ code, stdout, stderr }));
  return {
    process: child,
    result,
    sees: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(stderr)) resolve();
        };
        child.stderr.on('data', look);
        child.on('close', () => reject(new Error(`ended without ${pattern}: ${stderr}`)));
        look();
      }),
  };
}

export function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
  script = MAIN,
): Promise<CliResult> {
  return startCli(args, env, cwd, script).result;
}
