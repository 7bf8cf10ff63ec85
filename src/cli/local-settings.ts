import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { messageOf } from '../core/reason.ts';
import type { Env } from '../settings/reader.ts';
import { ArgumentError } from './verb.ts';

const DEFAULT_FILE = 'local.settings.json';
const FORM = 'expected {"IsEncrypted": false, "Values": {"<setting>": "<value>"}}';

/** Where else settings could be; nothing where a file of them has been read. */
export function settingsHint(args: readonly string[]): string {
  if (existsSync(DEFAULT_FILE) || args.some((arg) => /^--settings(=|$)/.test(arg))) return '';
  return `There is no ${DEFAULT_FILE} in ${process.cwd()}: ${DEFAULT_FILE}.example of the repository shows its form.`;
}

/**
 * The `Values` of the file that Functions Core Tools reads too; of `local.settings.json` when no file is named, if it
 * is there. Comments and commas before a closing bracket are taken, as Core Tools takes them.
 * @throws ArgumentError
 */
export async function readLocalSettings(file: string | undefined): Promise<Env> {
  if (file === undefined && !existsSync(DEFAULT_FILE)) return {};
  if (file === '') throw new ArgumentError('--settings: found nothing, expected a file');
  const path = file ?? DEFAULT_FILE;
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new ArgumentError(`${path} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const content = parseJson(path, text.replace(/^\uFEFF/, ''));
  if (!isObject(content)) throw new ArgumentError(`${path}: found no JSON object, ${FORM}`);
  if (content.IsEncrypted) {
    throw new ArgumentError(`${path} is encrypted: decrypt it with func settings decrypt; ${FORM}`);
  }
  const { Values: values = {} } = content;
  if (!isObject(values)) throw new ArgumentError(`${path}: found "Values" that is no object, ${FORM}`);
  return Object.fromEntries(Object.entries(values).map(([setting, value]) => [setting, textOf(path, setting, value)]));
}

/** The parser's message would repeat some of the text, which may be secret; it says where, too. */
function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(toPlainJson(text));
  } catch (error) {
    const [place = 'somewhere'] = /line \d+ column \d+/.exec(messageOf(error)) ?? [];
    throw new ArgumentError(`${path} is no JSON, ${place}: ${FORM}`);
  }
}

const STRING = /"(?:[^"\\\n]|\\.)*"/.source;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//.source;

/** Blanks out comments, and commas before a closing bracket: what is left keeps its line and column. */
function toPlainJson(text: string): string {
  const blank = (pattern: string, from: string) =>
    from.replaceAll(
      new RegExp(`(${STRING})|${pattern}`, 'g'),
      (found, string) => string ?? found.replace(/[^\n]/g, ' '),
    );
  return blank(',(?=\\s*[}\\]])', blank(COMMENT, text));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(path: string, setting: string, value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    throw new ArgumentError(`${path}: found ${setting} that is no text, expected "${setting}": "<value>"`);
  }
  return value === null ? '' : String(value);
}
