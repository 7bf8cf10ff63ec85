import { parseArgs } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { createApp } from '../app.ts';
import { didYouMean } from '../settings/nearest.ts';
import { parseSettings, SettingsError } from '../settings/settings.ts';
import { check } from './check.ts';
import { readLocalSettings } from './local-settings.ts';
import { run } from './run.ts';
import { stopOnSignals } from './signals.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { createTerminal } from './terminal.ts';
import { ArgumentError, messageOf, type Verb } from './verb.ts';

const VERBS: readonly Verb[] = [run, start, status, check];

/** What `parseArgs` has to know, and what the help says. */
const OPTIONS = {
  once: { type: 'boolean', usage: '--once', help: 'run each export once, and end' },
  export: { type: 'string', usage: '--export NAME', help: 'only this export (in any case)' },
  at: { type: 'string', usage: '--at TIME', help: 'UTC, such as 2026-11-22T14:05:00Z; not in the future' },
  json: { type: 'boolean', usage: '--json', help: 'results for machines: JSON objects, one per line' },
  settings: { type: 'string', usage: '--settings FILE', help: 'settings from FILE in place of local.settings.json' },
  help: { type: 'boolean', usage: '--help', help: 'with a verb: what it does', short: 'h' },
  version: { type: 'boolean', usage: '--version', help: 'the version' },
} as const;
type Option = keyof typeof OPTIONS;
const COMMON: readonly Option[] = ['json', 'settings'];

const HELP = `Usage: monitorlift <verb> [options]

Exports Application Insights telemetry from Azure Monitor Logs into a data lake, each row exactly once.

${VERBS.map(({ name, summary }) => `  ${name.padEnd(17)} ${summary}`).join('\n')}

${describe([...COMMON, 'help', 'version'])}

Settings are environment variables, and after them the "Values" of local.settings.json where there is one. Two are
required: APPINSIGHTS_WORKSPACE_ID and SINK_URL.
Sign-in is that of the Azure SDKs: az login, a managed identity, or AZURE_TENANT_ID and so on.

Begin with: monitorlift check, then monitorlift run --once, then monitorlift status.`;

function describe(options: readonly Option[]): string {
  return options.map((option) => `  ${OPTIONS[option].usage.padEnd(17)} ${OPTIONS[option].help}`).join('\n');
}

function helpOf(verb: Verb): string {
  const options: readonly Option[] = [...verb.options, ...COMMON];
  const usage = options.map((option) => `[${OPTIONS[option].usage}]`).join(' ');
  return `Usage: monitorlift ${verb.name} ${usage}\n\n${verb.help}\n\n${describe(options)}`;
}

/** Runs one command and gives its exit code. */
async function main(args: string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.version) return say(packageJson.version);
  if (values.help && positionals.length === 0) return say(HELP);
  const verb = chooseVerb(positionals, Object.keys(values));
  if (values.help) return say(helpOf(verb));

  const settings = await readLocalSettings(values.settings);
  for (const [setting, value] of Object.entries(settings)) process.env[setting] ??= value;
  try {
    const app = createApp(parseSettings(process.env));
    return await stopOnSignals((signal) => verb.execute({ app, options: values, terminal: createTerminal(), signal }));
  } catch (error) {
    if (values.json && error instanceof SettingsError) say(JSON.stringify({ problems: error.problems }));
    throw error;
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    const [text = ''] = messageOf(cause).split('. '); // what follows is advice that does not fit
    const [, option = ''] = /'--([\w-]+)/.exec(text) ?? [];
    const known = Object.keys(OPTIONS).map((name) => `--${name}`);
    throw new ArgumentError(`${text}${didYouMean(`--${option}`, known)}`, { cause });
  }
}

function chooseVerb([name, ...more]: readonly string[], options: readonly string[]): Verb {
  const names = VERBS.map((verb) => verb.name);
  if (name === undefined) throw new ArgumentError(`a verb is missing: ${names.join(', ')}`);
  const verb = VERBS.find((each) => each.name === name);
  if (verb === undefined) throw new ArgumentError(`unknown verb "${name}"${didYouMean(name, names)}`);
  if (more.length > 0) throw new ArgumentError(`unexpected "${more[0]}"; options begin with --`);
  const allowed: readonly string[] = [...verb.options, ...COMMON, 'help'];
  const other = options.find((option) => !allowed.includes(option));
  if (other !== undefined) throw new ArgumentError(`${name} has no option --${other}`);
  return verb;
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const more = error instanceof ArgumentError ? '\nSee monitorlift --help' : '';
  process.stderr.write(`monitorlift: ${messageOf(error)}${more}\n`);
  process.exitCode = error instanceof ArgumentError || error instanceof SettingsError ? 2 : 1;
}
