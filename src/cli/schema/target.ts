import { fileURLToPath } from 'node:url';
import { isFolder } from '../../core/kql/columns.ts';
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
  return columns.some(({ name }) => isFolder(name));
}

/** Whether some columns differ in their case only. */
export function hasTwins(columns: readonly Column[]): boolean {
  return new Set(columns.map(({ name }) => name.toLowerCase())).size < columns.length;
}

/** `abfss://<file system>@<host>/<prefix><export>`, of a flat account `wasbs://...`, or the path of a directory. */
export function folderOf(sink: URL, name: string): string {
  if (sink.protocol === 'file:') return `${directoryOf(sink)}/${name}`;
  const [, fileSystem = '', ...prefix] = sink.pathname.split('/');
  return `${isFlat(sink) ? 'wasbs' : 'abfss'}://${[`${fileSystem}@${sink.host}`, ...prefix, name].join('/')}`;
}

/** Whether the lake is a flat account, which readers know by other names. */
export function isFlat(sink: URL): boolean {
  return sink.host.includes('.blob.');
}

export function directoryOf(sink: URL): string {
  return fileURLToPath(sink).replaceAll('\\', '/').replace(/\/$/, '');
}

/** A text in quotes, as SQL and Data Explorer write it. */
export function quoteText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
