import { type Fields, parseFields } from './fields.ts';
import type { Files } from './store.ts';

const VERSION = 1;
/** How often a change by another run is taken up. */
const ATTEMPTS = 5;

/** A small file that all runs of an export write: `{ version, export, <name>: [entry...] }`. */
export interface EntryFile<T> {
  readonly exportName: string;
  readonly path: string;
  readonly name: string;
  readonly format: (entry: T) => object;
  /** @throws as the fields do. */
  readonly parse: (entry: Fields) => T;
}

/** Somebody has changed the file. */
export class DamagedError extends Error {
  override readonly name = 'DamagedError';
}

/** None when there is no file. @throws DamagedError */
export async function readEntries<T>(store: Files, file: EntryFile<T>): Promise<readonly T[]> {
  const found = await store.read(file.path);
  return found === undefined ? [] : parseEntries(file, found.text);
}

/**
 * Writes the file anew from what is there.
 * @param change gives the new entries; `undefined` when those that are there will do.
 * @param via gives an unused path that the store may write to first.
 * @throws DamagedError, and what `change` throws.
 */
export async function changeEntries<T>(
  store: Files,
  file: EntryFile<T>,
  change: (entries: readonly T[]) => readonly T[] | undefined | Promise<readonly T[] | undefined>,
  via: () => string,
): Promise<void> {
  const { exportName, path, name, format } = file;
  let cause: unknown;
  for (let attempt = 0; ; attempt++) {
    const found = await store.read(path);
    const entries = await change(found === undefined ? [] : parseEntries(file, found.text));
    if (entries === undefined) return;
    if (attempt === ATTEMPTS) throw new Error(`${path} could not be written in ${ATTEMPTS} attempts`, { cause });
    const changed = { version: VERSION, export: exportName, [name]: entries.map(format) };
    try {
      await store.replace(path, `${JSON.stringify(changed, undefined, 2)}\n`, found?.etag, via());
      return;
    } catch (error) {
      // Refused or lost: what is there by then decides.
      cause = error;
    }
  }
}

function parseEntries<T>({ path, name, parse }: EntryFile<T>, text: string): T[] {
  const fields = parseFields(
    text,
    (found, expected, cause) =>
      new DamagedError(`${path}: found ${found}, expected ${expected}. Restore the file, or delete it`, { cause }),
  );
  fields.read('version', (value): value is number => value === VERSION, `${VERSION}`);
  return fields.list(name).map(parse);
}
