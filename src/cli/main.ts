import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createApp } from '../app.ts';
import { nearest } from '../nearest.ts';
import { parseSettings, SettingsError } from '../settings.ts';
import { check } from './check.ts';
import { readLocalSettings } from './local-settings.ts';
import { run } from './run.ts';
import { stopOnSignals } from './signals.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { createTerminal } from './terminal.ts';
import { ArgumentError, messageOf, type Options, type Verb } from './verb.ts';

const VERBS: Readonly<Record<string, Verb>> = { run, start, status, check };

const HELP = `Usage: monitorlift <verb> [options]

Exports Application Insights telemetry from Azure Monitor Logs into a data lake, each row exactly once.

${Object.entries(VERBS)
  .map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`)
  .join('\n')}

  --settings FILE   read settings from the "Values" of FILE; without it, from local.settings.json where there is one.
                    Environment variables go first
  --json            results for machines
  --help            monitorlift <verb> --help says more
  --version

Settings are environment variables; two are required: APPINSIGHTS_WORKSPACE_ID and SINK_URL.
Sign-in is that of the Azure SDKs: az login, a managed identity, or AZURE_TENANT_ID and so on.

Begin with: monitorlift check, then monitorlift run --once, then monitorlift status.`;

const OPTIONS = {
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  once: { type: 'boolean', default: false },
  settings: { type: 'string' },
  export: { type: 'string' },
  at: { type: 'string' },
} as const;
const COMMON = ['help', 'version', 'json', 'settings'];

/** Runs one command and gives its exit code. */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.version) return say(await version());
  const [name] = positionals;
  if (name === undefined && values.help) return say(HELP);
  const verb = chooseVerb(positionals, values);
  if (values.help) return say(verb.help);

  const terminal = createTerminal();
  for (const [setting, value] of Object.entries(await readLocalSettings(values.settings)))
    process.env[setting] ??= value;
  const options: Options = { json: values.json, once: values.once, export: values.export, at: values.at };
  try {
    const app = createApp(parseSettings(process.env));
    return await stopOnSignals((signal) => verb.execute({ app, options, terminal, signal }));
  } catch (error) {
    if (options.json && error instanceof SettingsError) say(JSON.stringify({ problems: error.problems }));
    throw error;
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    const [, option = ''] = /'--?([\w-]+)/.exec(messageOf(cause)) ?? [];
    throw new ArgumentError(`${messageOf(cause).split('. ')[0]}${hint(option, Object.keys(OPTIONS), '--')}`, { cause });
  }
}

function chooseVerb([name, ...more]: readonly string[], values: Readonly<Record<string, unknown>>): Verb {
  if (name === undefined) throw new ArgumentError(`a verb is missing: ${Object.keys(VERBS).join(', ')}`);
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (verb === undefined) throw new ArgumentError(`unknown verb "${name}"${hint(name, Object.keys(VERBS), '')}`);
  if (more.length > 0) throw new ArgumentError(`unexpected "${more[0]}"; options begin with --`);
  const allowed: readonly string[] = [...COMMON, ...verb.options];
  const other = Object.keys(values).find((option) => values[option] !== false && !allowed.includes(option));
  if (other !== undefined) throw new ArgumentError(`${name} has no option --${other}`);
  return verb;
}

function hint(found: string, known: readonly string[], prefix: string): string {
  const near = nearest(found, known, 2);
  return near === undefined ? '' : `, did you mean ${prefix}${near}?`;
}

async function version(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return JSON.parse(text).version;
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
