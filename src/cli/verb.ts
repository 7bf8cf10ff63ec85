import type { App } from '../app.ts';
import type { ExportSettings } from '../settings/settings.ts';
import type { Terminal } from './terminal.ts';

/** One command of `monitorlift`. */
export interface Verb {
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** What `--help` teaches between usage and options. */
  readonly help: string;
  /** What it takes besides the options of all verbs. */
  readonly options: readonly (keyof Options)[];
  /** Gives the exit code. */
  execute(input: Input): Promise<number>;
}

interface Options {
  readonly json?: boolean;
  readonly once?: boolean;
  readonly export?: string;
  readonly at?: string;
}

export interface Input {
  readonly app: App;
  readonly options: Options;
  readonly terminal: Terminal;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** The command line is wrong: exit code 2. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

/** All exports, or the one of `--export`. */
export function chooseExports({ app, options }: Input): readonly ExportSettings[] {
  const { exports } = app.settings;
  if (options.export === undefined) return exports;
  const wanted = options.export.toLowerCase();
  const chosen = exports.filter(({ name }) => name.toLowerCase() === wanted);
  if (chosen.length > 0) return chosen;
  throw new ArgumentError(
    `there is no export "${options.export}": the settings have ${exports.map(({ name }) => name).join(', ')}`,
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
