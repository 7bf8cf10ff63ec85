import { TABLES } from '../../core/kql/tables.ts';
import { nameSource } from '../../core/source.ts';

/** The part of an answer that says what the caller may read, as `Prefer: include-permissions=true` asks for it. */
interface Permissions {
  readonly resources?: readonly Scope[];
  /** The workspaces that were read. */
  readonly dataSources?: readonly Scope[];
}

interface Scope {
  readonly resourceId?: string;
  /** Tables that the caller may not read there. */
  readonly denyTables?: readonly string[];
  /** Of a resource: the ids of all workspaces that have rows of it. */
  readonly dataSources?: readonly string[];
}

/**
 * Why rows are missing from an answer in the scope of a resource: the service leaves out what the caller may not read,
 * and calls the answer whole. `undefined` when nothing that the query asks is left out.
 */
export function permissionError(permissions: unknown, kql: string, source: string): Error | undefined {
  const { resources = [], dataSources = [] } = Object(permissions) as Permissions;
  const read = new Set(dataSources.map(({ resourceId = '' }) => resourceId.toLowerCase()));
  const unread = resources.flatMap((resource) =>
    (resource.dataSources ?? []).filter((id) => !read.has(id.toLowerCase())),
  );
  const denied = [...resources, ...dataSources].flatMap(({ denyTables = [], resourceId }) =>
    denyTables.filter((table) => isAsked(table, kql)).map((table) => `the table ${table} of ${resourceId}`),
  );
  const hidden = [...new Set([...unread.map((id) => `the workspace ${id}`), ...denied])];
  if (hidden.length === 0) return undefined;
  return new Error(
    `Logs leaves rows of ${nameSource(source)} out: this identity may not read ${hidden.join(', ')}. Grant it the role ` +
      'Log Analytics Data Reader there; a new role can take up to an hour to work',
  );
}

/** Whether a query names a table, in new terms or in old ones. */
function isAsked(table: string, kql: string): boolean {
  if (table === '*') return true;
  const pairs = Object.entries(TABLES).filter((pair) => pair.includes(table));
  const words = new Set(kql.match(/\w+/g));
  return [table, ...pairs.flat()].some((name) => words.has(name));
}
