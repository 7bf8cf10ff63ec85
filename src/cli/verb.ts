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

export interface Input<O extends Options = Options> {
  readonly app: App;
  readonly options: Values<O>;
  readonly terminal: Terminal;
  /** Prints results: the lines, or with `--json` the records, each as a line. */
  print(lines: readonly string[], records: readonly object[]): void;
  /** Who opens the sink. */
  readonly holder: Holder;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** For verbs that look at exports. */
export const EXPORT = {
  export: { type: 'string', value: 'NAME', help: 'only this export (in any case)' },
} as const satisfies Options;

/** The command line is wrong: exit code 2. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
}

/** All exports, or the one of `--export`. */
export function chooseExports({ app, options }: Input<typeof EXPORT>): readonly ExportSettings[] {
  const { exports } = app.settings;
  if (options.export === undefined) return exports;
  const wanted = options.export.toLowerCase();
  const chosen = exports.filter(({ name }) => name.toLowerCase() === wanted);
  if (chosen.length > 0) return chosen;
  throw new ArgumentError(
    `there is no export "${options.export}": the settings have ${exports.map(({ name }) => name).join(', ')}`,
  );
}

/** What is done for one export; whether all is well with it. */
type Action = (exported: ExportSettings) => Promise<boolean>;

/** For each chosen export at once. Gives the exit code. */
export async function atOnce(input: Input<typeof EXPORT>, action: Action): Promise<number> {
  const results = await Promise.all(chooseExports(input).map(action));
  return results.every(Boolean) ? 0 : 1;
}

/** For one chosen export after the other, until the signal comes. What fails is said. Gives the exit code. */
export async function inTurn(input: Input<typeof EXPORT>, action: Action): Promise<number> {
  let code = 0;
  for (const exported of chooseExports(input)) {
    if (input.signal.aborted) break;
    try {
      if (!(await action(exported))) code = 1;
    } catch (error) {
      if (input.signal.aborted) break;
      input.terminal.log.error(`${exported.name}: ${reasonOf(error)}`);
      code = 1;
    }
  }
  return code;
}
