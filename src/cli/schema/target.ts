import { fileURLToPath } from 'node:url';
import type { Column } from '../../core/rows.ts';
import type { SchemaVersion } from '../../core/sink.ts';
import type { Settings } from '../../settings/settings.ts';

/** A reader of the lake. */
export interface Target {
  /** What stands before the statements of all exports. */
  readonly head: readonly string[];
  /** What begins a comment. */
  readonly comment: string;
  /**
   * How one export is read.
   * @throws when this reader cannot read the format.
   */
  describe(lake: Lake, columns: readonly Column[], name: string): string[];
}

type Lake = Pick<Settings, 'sink' | 'format' | 'compression'>;

/** A column whose type has not always been the same. */
export const MIXED = 'mixed';

/** Every column that parts have had, in the order in which they came. */
export function allColumns(versions: readonly SchemaVersion[]): Column[] {
  const types = new Map<string, string>();
  for (const { name, type } of versions.flatMap(({ columns }) => columns)) {
    const before = types.get(name);
    types.set(name, before === undefined || before === type ? type : MIXED);
  }
  return [...types].map(([name, type]) => ({ name, type }));
}

/** Whether some column has the name of a folder: `y`, `m`, `d`, `h`. */
export function hidesFolders(columns: readonly Column[]): boolean {
  return columns.some(({ name }) => /^[ymdh]$/i.test(name));
}

/** Whether some columns differ in their case only. */
export function hasTwins(columns: readonly Column[]): boolean {
  return new Set(columns.map(({ name }) => name.toLowerCase())).size < columns.length;
}

/** Account, file system and prefix of a lake; `undefined` for a directory. */
export function lakePlace(sink: URL): { host: string; fileSystem: string; prefix: string } | undefined {
  if (sink.protocol === 'file:') return undefined;
  const [fileSystem = '', ...prefix] = sink.pathname.slice(1).split('/');
  return { host: sink.host, fileSystem, prefix: prefix.map((each) => `${each}/`).join('') };
}

/** `abfss://<file system>@<host>/<prefix><export>`, of a flat account `wasbs://...`, or the path of a directory. */
export function folderOf(sink: URL, name: string): string {
  const place = lakePlace(sink);
  if (place === undefined) return `${directoryOf(sink)}/${name}`;
  return `${isFlat(sink) ? 'wasbs' : 'abfss'}://${place.fileSystem}@${place.host}/${place.prefix}${name}`;
}

/** Whether the lake is a flat account, which readers know by other names. */
export function isFlat(sink: URL): boolean {
  return sink.host.includes('.blob.');
}

export function directoryOf(sink: URL): string {
  return fileURLToPath(sink).replaceAll('\\', '/').replace(/\/$/, '');
}
