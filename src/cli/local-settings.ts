import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Env } from '../settings/reader.ts';
import { ArgumentError, messageOf } from './verb.ts';

const DEFAULT_FILE = 'local.settings.json';

/**
 * The `Values` of the file that Functions Core Tools reads too; of `local.settings.json` when no file is named, if it is
 * there.
 * @throws ArgumentError
 */
export async function readLocalSettings(file: string | undefined): Promise<Env> {
  if (file === undefined && !existsSync(DEFAULT_FILE)) return {};
  const path = file ?? DEFAULT_FILE;
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new ArgumentError(`${path} cannot be read: ${messageOf(cause)}`, { cause });
  });
  try {
    const { IsEncrypted: isEncrypted, Values: values } = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (!isEncrypted) return values ?? {};
  } catch {
    // The parser's message would repeat some of the text, which may be secret.
  }
  throw new ArgumentError(
    `${path} is encrypted or no JSON, expected {"IsEncrypted": false, "Values": {"<setting>": "<value>"}}`,
  );
}
