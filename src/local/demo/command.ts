import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** `monitorlift` as a process of its own, with settings. */
export interface Command {
  /** What `monitorlift run --once --json` prints for each run, as far as it is used here. */
  run(): Promise<RunRecord[]>;
  /** Whether `monitorlift verify --read` finds nothing wrong, and the hours that it has compared. */
  verify(fromMs: number, toMs: number): Promise<{ readonly hours: number; readonly isRight: boolean }>;
}

export interface RunRecord {
  readonly export: string;
  readonly rows: number;
  readonly late: number;
  readonly parts: number;
  readonly queries: number;
  readonly discardedAnswers: number;
  readonly lagSeconds: number;
}

const MAIN = join(import.meta.dirname, '../../cli/main.ts');

/** @param signal ends what is under way. */
export function createCommand(settings: Readonly<Record<string, string>>, signal: AbortSignal): Command {
  async function start(args: readonly string[]): Promise<{ code: number; lines: string[] }> {
    signal.throwIfAborted();
    const env = { ...process.env, ...settings };
    const child = spawn(process.execPath, [MAIN, ...args, '--json'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const kill = () => child.kill();
    signal.addEventListener('abort', kill);
    const exited = once(child, 'exit');
    const lines = (await Array.fromAsync(child.stdout.setEncoding('utf8'))).join('').split('\n').filter(Boolean);
    const [code] = await exited;
    signal.removeEventListener('abort', kill);
    signal.throwIfAborted();
    return { code, lines };
  }
  return {
    async run() {
      const { code, lines } = await start(['run', '--once']);
      if (code !== 0) throw new Error(`monitorlift run --once ended with exit code ${code}:\n${lines.join('\n')}`);
      return lines.map((line): RunRecord => JSON.parse(line));
    },
    async verify(fromMs, toMs) {
      const times = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
      const { code, lines } = await start(['verify', '--read', '--from', times[0] ?? '', '--to', times[1] ?? '']);
      const hours = lines
        .map((line): { state?: string } => JSON.parse(line))
        .filter(({ state }) => state !== undefined);
      return { hours: hours.length, isRight: code === 0 && hours.every(({ state }) => state === 'complete') };
    },
  };
}
