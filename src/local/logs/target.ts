import type { ResourceScope } from './tables.ts';
import type { Workspace } from './workspace.ts';

/** What the caller may not read in resource scope. A test may change it while the emulator runs. */
export interface Denied {
  readonly tables: Set<string>;
  /** Ids of workspaces. */
  readonly workspaces: Set<string>;
}

/** What a request's path asks. */
export interface Target {
  readonly workspace: Workspace;
  /** Nothing: the whole workspace. */
  readonly scope: ResourceScope | undefined;
  /** Who may read what, as `Prefer: include-permissions=true` shows it. */
  readonly permissions: object;
}

/** A resource that is not there, or in more than one workspace. */
export class NoSuchTarget extends Error {
  override readonly name = 'NoSuchTarget';
}

/**
 * The target of a path below `/v1`: a workspace by its id, or a resource (or all resources of a group or subscription)
 * by Azure's id. Undefined for a path of another kind.
 * @throws NoSuchTarget
 */
export function targetOf(path: string, workspaces: readonly Workspace[], denied: Denied): Target | undefined {
  const id = /^\/v1\/workspaces\/([^/]+)\/query$/.exec(path)?.[1];
  if (id !== undefined) {
    const workspace = workspaces.find(({ workspaceId }) => workspaceId === id);
    return workspace && { workspace, scope: undefined, permissions: {} };
  }
  const resourceId = /^\/v1(\/subscriptions\/.+)\/query$/i.exec(path)?.[1]?.toLowerCase();
  return resourceId === undefined ? undefined : resourceTarget(resourceId, workspaces, denied);
}

function resourceTarget(resourceId: string, workspaces: readonly Workspace[], denied: Denied): Target {
  const found = workspaces.flatMap((workspace) => {
    const ids = workspace.components.map((each) => each.resourceId);
    const inside = ids.filter((each) => each === resourceId || each.startsWith(`${resourceId}/`));
    return inside.length === 0 ? [] : [{ workspace, inside }];
  });
  const [first, second] = found;
  if (first === undefined) throw new NoSuchTarget(`The resource ${resourceId} was not found`);
  if (second !== undefined) {
    throw new NoSuchTarget('The local Logs emulator asks one workspace at a time: name a resource that is in one.');
  }
  const { workspace, inside } = first;
  const isHidden = denied.workspaces.has(workspace.workspaceId);
  return {
    workspace,
    scope: { resourceIds: inside, isDenied: (table) => isHidden || denied.tables.has(table) },
    permissions: permissionsOf(workspace, inside, denied),
  };
}

/** A workspace that may not be read is named with the resources, and is missing from the data sources. */
function permissionsOf(workspace: Workspace, resourceIds: readonly string[], denied: Denied): object {
  const denyTables = [...denied.tables];
  const dataSources = denied.workspaces.has(workspace.workspaceId) ? [] : [{ resourceId: workspace.resourceId }];
  const resources = resourceIds.map((resourceId) => ({
    resourceId,
    ...(denyTables.length > 0 && { denyTables }),
    dataSources: [workspace.resourceId],
  }));
  return { permissions: { resources, dataSources } };
}
