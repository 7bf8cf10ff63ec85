import { createHash } from 'node:crypto';
import type { Log } from '../log.ts';
import { reasonOf } from '../reason.ts';
import type { Column, Rows } from '../rows.ts';
import type { PartKey, SchemaVersion } from '../sink.ts';
import { formatIso } from '../window.ts';
import { changeEntries, DamagedError, type EntryFile, readEntries } from './entries.ts';
import { type Fields, isText } from './fields.ts';
import type { Files } from './store.ts';
import type { CommittedPart } from './watermark.ts';

function schemaOf(exportName: string): EntryFile<SchemaVersion> {
  return {
    exportName,
    path: `${exportName}/_schema.json`,
    name: 'versions',
    format: formatVersion,
    parse: parseVersion,
  };
}

/** Of columns, short enough for a watermark. */
function digestOf(columns: readonly Column[]): string {
  const text = JSON.stringify(columns.map(({ name, type }) => [name, type]));
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Keeps the columns of an export's parts in `<export>/_schema.json`, for one session. */
export interface Schemas {
  /** Remembers which columns a staged part has. */
  note(part: CommittedPart | undefined, key: PartKey, rows: Rows): CommittedPart | undefined;
  /**
   * Adds the columns of parts that are about to be committed, where they are new.
   * @param known the digest of the columns that were committed last, for which nothing is read.
   * @returns the digest of the columns of these parts.
   */
  keep(exportName: string, parts: readonly CommittedPart[], known: string | undefined): Promise<string | undefined>;
}

/** @param via gives an unused path that the store may write to first. */
export function createSchemas(store: Files, log: Log, via: () => string): Schemas {
  const noted = new WeakMap<CommittedPart, SchemaVersion>();
  let isDamaged = false;
  return {
    note(part, { window }, { columns }) {
      if (part !== undefined) noted.set(part, { fromMs: window.startMs, columns });
      return part;
    },
    async keep(exportName, parts, known) {
      let schema = known;
      for (const part of parts) {
        const version = noted.get(part);
        const digest = version && digestOf(version.columns);
        if (version === undefined || digest === schema || isDamaged) continue;
        isDamaged = !(await addVersion(store, exportName, version, log, via));
        if (!isDamaged) schema = digest;
      }
      return schema;
    },
  };
}

/** @returns `false` when the file is damaged, which keeps nothing from being exported. */
async function addVersion(store: Files, exportName: string, added: SchemaVersion, log: Log, via: () => string) {
  const digest = digestOf(added.columns);
  let difference: string | undefined;
  const change = (versions: readonly SchemaVersion[]) => {
    const same = versions.find(({ columns }) => digestOf(columns) === digest);
    if (same !== undefined && same.fromMs <= added.fromMs) return undefined;
    const others = versions.filter((version) => version !== same);
    const before = others.findLast(({ fromMs }) => fromMs <= added.fromMs) ?? others[0];
    if (same === undefined && before !== undefined) difference = differenceOf(before.columns, added.columns);
    return [...others, added].sort((a, b) => a.fromMs - b.fromMs);
  };
  try {
    await changeEntries(store, schemaOf(exportName), change, via);
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error;
    log.warn(`${exportName}: the columns are not kept: ${reasonOf(error)}`);
    return false;
  }
  if (difference !== undefined)
    log.warn(`${exportName}: from ${formatIso(added.fromMs)} on the columns are others: ${difference}`);
  return true;
}

/** What readers that know the columns of before have to mind. */
function differenceOf(before: readonly Column[], after: readonly Column[]): string {
  const types = new Map(before.map(({ name, type }) => [name, type]));
  const names = new Set(after.map(({ name }) => name));
  const added = after.filter(({ name }) => !types.has(name)).map(({ name, type }) => `${name} (${type}) is new`);
  const gone = before.filter(({ name }) => !names.has(name)).map(({ name }) => `${name} is gone`);
  const changed = after
    .filter(({ name, type }) => types.has(name) && types.get(name) !== type)
    .map(({ name, type }) => `${name} is ${type} and was ${types.get(name)}`);
  return [...added, ...gone, ...changed].join(', ') || 'they have another order';
}

/** By their beginnings; none when nothing has been exported. */
export function readVersions(store: Files, exportName: string): Promise<readonly SchemaVersion[]> {
  return readEntries(store, schemaOf(exportName));
}

function formatVersion({ fromMs, columns }: SchemaVersion): object {
  return { from: formatIso(fromMs), columns: columns.map(({ name, type }) => ({ name, type })) };
}

function parseVersion(entry: Fields): SchemaVersion {
  return {
    fromMs: entry.time('from'),
    columns: entry.list('columns').map((column) => ({
      name: column.read('name', isText, 'text'),
      type: column.read('type', isText, 'text'),
    })),
  };
}
