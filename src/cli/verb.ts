import type { parseArgs } from 'node:util';
import type { App } from '../app.ts';
import { reasonOf } from '../core/reason.ts';
import type { Holder } from '../core/sink.ts';
import type { ExportSettings } from '../settings/settings.ts';
import type { Terminal } from './terminal.ts';

/** An option, as `parseArgs` takes it and the help shows it. */
type Option =
  | { readonly type: 'boolean'; readonly help: string; readonly short?: string }
  | { readonly type: 'string'; readonly value: string; readonly help: string };
export type Options = Readonly<Record<string, Option>>;

/** What the command line says for some options. */
export type Values<O extends Options> = ReturnType<typeof parseArgs<{ options: O }>>['values'];

/** One command of `monitorlift`. */
export interface Verb<O extends Options = Options> {
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** What `--help` teaches between usage and options. */
  readonly help: string;
  /** What it takes besides the options of all verbs. */
  readonly options: O;
  /** Gives the exit code. */
  execute(input: Input<O>): Promise<number>;
}

/** What every verb takes. */
export const COMMON = {
  export: { type: 'string', value: 'NAME', help: 'only this export (in any case)' },
  json: { type: 'boolean', help: 'results for machines: JSON objects, one per line' },
  settings: { type: 'string', value: 'FILE', help: 'settings from FILE in place of local.settings.json' },
} as const satisfies Options;

export interface Input<O extends Options = Options> {
  readonly app: App;
  readonly options: Values<O & typeof COMMON>;
  /** All of the settings, or the one that is asked for. */
  readonly exports: readonly ExportSettings[];
  readonly terminal: Terminal;
  /** Prints results: the lines, or with `--json` the records, each as a line. */
  print(lines: readonly string[], records: readonly object[]): void;
  /** Who opens the sink. */
  readonly holder: Holder;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** The command line is wrong: exit code 2. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

/** What is done for one export; whether all is well with it. */
type Action = (exported: ExportSettings) => Promise<boolean>;
type Exports = Pick<Input, 'exports' | 'terminal' | 'signal'>;

/** For each export at once. Gives the exit code. */
export async function atOnce({ exports }: Exports, action: Action): Promise<number> {
  const results = await Promise.all(exports.map(action));
  return results.every(Boolean) ? 0 : 1;
}

/** For one export after the other, until the signal comes. What fails is said. Gives the exit code. */
export async function inTurn({ exports, terminal, signal }: Exports, action: Action): Promise<number> {
  let code = 0;
  for (const exported of exports) {
    if (signal.aborted) break;
    try {
      if (!(await action(exported))) code = 1;
    } catch (error) {
      if (signal.aborted) break;
      terminal.log.error(`${exported.name}: ${reasonOf(error)}`);
      code = 1;
    }
  }
  return code;
}
