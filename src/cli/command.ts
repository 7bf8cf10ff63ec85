import { parseArgs } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { createApp, newRunId } from '../app.ts';
import { plainText } from '../core/human.ts';
import { messageOf } from '../core/reason.ts';
import { didYouMean } from '../settings/nearest.ts';
import { type ExportSettings, parseSettings, SettingsError } from '../settings/settings.ts';
import { backfill } from './backfill.ts';
import { check } from './check.ts';
import { readLocalSettings, settingsHint } from './local-settings.ts';
import { plan } from './plan.ts';
import { run } from './run.ts';
import { schema } from './schema.ts';
import { stopOnSignals } from './signals.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { createTerminal, isBrokenPipe, type Terminal } from './terminal.ts';
import { ArgumentError, COMMON, type Options, type Values, type Verb } from './verb.ts';
import { verify } from './verify.ts';

const VERBS: readonly Verb[] = [run, start, backfill, verify, status, check, schema, plan];
const NAMES = VERBS.map(({ name }) => name);

const HELP_OPTIONS = {
  help: { type: 'boolean', help: 'with a verb: what it does', short: 'h' },
  version: { type: 'boolean', help: 'the version' },
} as const satisfies Options;

const HELP = `Usage: monitorlift <verb> [options]

Exports Application Insights telemetry from Azure Monitor Logs into a data lake, each row exactly once.

${VERBS.map(({ name, summary }) => `  ${name.padEnd(17)} ${summary}`).join('\n')}

${describe({ ...COMMON, ...HELP_OPTIONS })}

Settings are environment variables, and after them the "Values" of local.settings.json where there is one. Two are
required: SINK_URL, and APPINSIGHTS_WORKSPACE_ID unless each export has a source of its own.
Sign-in is that of the Azure SDKs: az login, a managed identity, or AZURE_TENANT_ID and so on.

Begin with: monitorlift check, then monitorlift run --once, then monitorlift status.`;

/** `--export NAME`, for each option. */
function usages(options: Options): [usage: string, help: string][] {
  return Object.entries(options).map(([name, option]) => [
    `--${name}${option.type === 'string' ? ` ${option.value}` : ''}`,
    option.help,
  ]);
}

function describe(options: Options): string {
  return usages(options)
    .map(([usage, help]) => `  ${usage.padEnd(17)} ${help}`)
    .join('\n');
}

function helpOf(verb: Verb): string {
  const options = { ...verb.options, ...COMMON };
  const usage = usages(options).map(([text]) => `[${text}]`);
  return `Usage: monitorlift ${verb.name} ${usage.join(' ')}\n\n${verb.help}\n\n${describe(options)}`;
}

/** Runs one command and gives its exit code. What goes wrong is printed. */
export async function main(args: string[]): Promise<number> {
  const terminal = createTerminal();
  try {
    const code = await execute(args, terminal);
    await terminal.flush();
    const { aborted, reason } = terminal.closed;
    if (!aborted || isBrokenPipe(reason)) return code;
    throw new Error(`the results cannot be written: ${messageOf(reason)}`, { cause: reason });
  } catch (error) {
    const hint = error instanceof SettingsError ? settingsHint(args) : '';
    const more = error instanceof ArgumentError ? 'See monitorlift --help' : hint;
    const lines = `monitorlift: ${messageOf(error)}\n${more}`.trimEnd().split('\n');
    process.stderr.write(`${lines.map(plainText).join('\n')}\n`);
    return error instanceof ArgumentError || error instanceof SettingsError ? 2 : 1;
  }
}

async function execute(args: string[], terminal: Terminal): Promise<number> {
  const say = (text: string): number => {
    for (const line of text.split('\n')) terminal.print(line);
    return 0;
  };
  const verb = chooseVerb(args);
  const { values, positionals } = parse(args, verb);
  if (verb === undefined && values.version) return say(packageJson.version);
  if (verb === undefined && values.help) return say(HELP);
  if (verb === undefined) throw new ArgumentError(`a verb is missing: ${NAMES.join(', ')}`);
  if (values.help) return say(helpOf(verb));
  const [, more] = positionals;
  if (more !== undefined) throw new ArgumentError(`unexpected "${more}"; options begin with --`);

  const settings = await readLocalSettings(values.settings);
  for (const [setting, value] of Object.entries(settings)) process.env[setting] ??= value;
  try {
    const app = createApp(parseSettings(process.env));
    for (const { setting, text } of app.settings.warnings) terminal.log.warn(`${setting}: ${text}`);
    const holder = { runId: newRunId(), log: terminal.log };
    const print = (lines: readonly string[], records: readonly object[]): void => {
      for (const line of values.json ? records.map((record) => JSON.stringify(record)) : lines) terminal.print(line);
    };
    const exports = chooseExports(app.settings.exports, values.export);
    const input = { app, options: values, exports, terminal, print, holder };
    return await stopOnSignals((signal) => verb.execute({ ...input, signal }));
  } catch (error) {
    if (values.json && error instanceof SettingsError) say(JSON.stringify({ problems: error.problems }));
    throw error;
  }
}

/** The verb is the first of the arguments that is no option, nor the value of one; `undefined` when there is none. */
function chooseVerb(args: string[]): Verb | undefined {
  const options: Options = Object.assign({}, COMMON, ...VERBS.map((each) => each.options));
  const [name] = parseArgs({ args, options, allowPositionals: true, strict: false }).positionals;
  const verb = VERBS.find((each) => each.name === name);
  if (verb !== undefined || name === undefined) return verb;
  throw new ArgumentError(`unknown verb "${name}"${didYouMean(name, NAMES) || `, expected ${NAMES.join(', ')}`}`);
}

function parse(args: string[], verb: Verb | undefined) {
  const own: Options = verb === undefined ? { version: HELP_OPTIONS.version } : verb.options;
  const options = { ...own, ...COMMON, help: HELP_OPTIONS.help };
  try {
    const { values, positionals, tokens } = parseArgs({ args, options, allowPositionals: true, tokens: true });
    const given = tokens.flatMap((token) => (token.kind === 'option' && token.value !== undefined ? token.name : []));
    const twice = given.find((name, index) => given.includes(name, index + 1));
    // Only the last one would count.
    if (twice !== undefined) throw new Error(`--${twice} is given more than once`);
    return { values: values as Values<Options> & Values<typeof COMMON & typeof HELP_OPTIONS>, positionals };
  } catch (cause) {
    const [text = ''] = messageOf(cause).split(/\.\s/); // what follows is advice that does not fit
    const [, option] = /^Unknown option '--([\w-]+)/.exec(text) ?? [];
    if (option === undefined) throw new ArgumentError(text, { cause });
    const known = Object.keys(options).map((name) => `--${name}`);
    const found = verb === undefined ? `there is no option --${option}` : `${verb.name} has no option --${option}`;
    throw new ArgumentError(`${found}${didYouMean(`--${option}`, known)}`, { cause });
  }
}

/** All exports, or the one that is wanted. */
function chooseExports(exports: readonly ExportSettings[], wanted: string | undefined): readonly ExportSettings[] {
  if (wanted === undefined) return exports;
  const chosen = exports.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (chosen.length > 0) return chosen;
  const names = exports.map(({ name }) => name).join(', ');
  const near = didYouMean(
    wanted,
    exports.map(({ name }) => name),
  );
  throw new ArgumentError(`there is no export "${wanted}"${near || `: the settings have ${names}`}`);
}
