import { readFile } from 'node:fs/promises';
import type { Env } from '../settings-exports.ts';
import { ArgumentError, messageOf } from './verb.ts';

const DEFAULT_FILE = 'local.settings.json';

/**
 * The `Values` of the file that Functions Core Tools reads too; of `local.settings.json` when no file is named, if it is
 * there.
 * @throws ArgumentError
 */
export async function readLocalSettings(file: string | undefined): Promise<Env> {
  const path = file ?? DEFAULT_FILE;
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (file === undefined && (cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new ArgumentError(`${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
  const expected = `expected {"IsEncrypted": false, "Values": {"<setting>": "<value>"}}`;
  try {
    const { IsEncrypted: isEncrypted, Values: values = {} } = JSON.parse(text.replace(/^\uFEFF/, ''));
    const isValid = isEncrypted !== true && Object.values(values).every((value) => typeof value === 'string');
    if (isValid) return values;
  } catch (cause) {
    throw new ArgumentError(`${path} is not JSON, ${expected}`, { cause });
  }
  throw new ArgumentError(`${path} is encrypted or has values that are no text, ${expected}`);
}
