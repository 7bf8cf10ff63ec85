import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createCache } from './cache.ts';
import { createGate, DEFAULT_LIMITS, type Limits } from './gate.ts';
import { type Counters, replyToQuery } from './query.ts';
import { createReplyServer, failure, type Received, type Reply, whole } from './server.ts';
import { type Denied, NoSuchTarget, type Target, targetOf } from './target.ts';
import { track } from './track.ts';
import { type Component, openWorkspace, type Workspace, type WorkspaceOptions } from './workspace.ts';

export interface LogsEmulatorOptions extends WorkspaceOptions {
  /** Workspaces beside the one that the other options describe, each with data of its own. */
  readonly moreWorkspaces?: readonly Omit<WorkspaceOptions, 'now'>[];
  /** 0, the default, takes a free port. */
  readonly port?: number;
  readonly limits?: Partial<Limits>;
}

type Shown = 'workspaceId' | 'resourceId' | 'ingest' | 'generate' | 'repeat' | 'remove' | 'count' | 'query';

/** One of the emulator's workspaces. */
interface LogsWorkspace extends Pick<Workspace, Shown> {
  /** With a connection string for the Application Insights SDKs. */
  readonly components: readonly (Component & { readonly connectionString: string })[];
}

/** The emulator; as a workspace it is the first. */
export interface LogsEmulator extends LogsWorkspace {
  readonly workspaces: readonly LogsWorkspace[];
  /** The query API, as `LOGS_ENDPOINT` wants it. */
  readonly endpoint: string;
  /** Of the first component. */
  readonly connectionString: string;
  /** Of all workspaces together. May be changed while the emulator runs. */
  readonly limits: Limits;
  /** May be changed while the emulator runs. */
  readonly denied: Denied;
  readonly counters: Readonly<Counters>;
  close(): Promise<void>;
}

/**
 * Starts Logs on loopback: the query API and the ingestion endpoint over plain http. The clock `now` also rules the
 * cache and the `Date` header.
 */
export async function startLogsEmulator(options: LogsEmulatorOptions = {}): Promise<LogsEmulator> {
  const { now = Date.now } = options;
  const workspaces = [await openWorkspace(options)];
  for (const [index, more] of (options.moreWorkspaces ?? []).entries()) {
    workspaces.push(await openWorkspace({ ...more, now }, `local${index + 2}`));
  }
  const closeAll = async (): Promise<void> => {
    for (const { database } of workspaces) await database.close();
  };
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  const counters: Counters = { queries: 0, cached: 0, throttled: 0 };
  const denied: Denied = { tables: new Set(), workspaces: new Set() };
  const shared = { limits, gate: createGate(limits), cache: createCache(), counters };
  const route = async (request: Received): Promise<Reply> => {
    const { method, path, headers } = request;
    if (method === 'POST' && /^\/v2(\.1)?\/track$/.test(path)) {
      const { status, body } = await track(request.body.toString(), workspaces);
      return { status, body: whole(body) };
    }
    if (method === 'POST' && path.startsWith('/v1/') && headers.authorization === undefined) {
      return failure(401, 'AuthorizationRequiredError', 'Valid authentication was not provided.');
    }
    const target = method === 'POST' ? find(path, workspaces, denied) : undefined;
    if (target === undefined) return failure(404, 'PathNotFoundError', 'The requested path does not exist.');
    return 'status' in target ? target : await replyToQuery(target, request, shared);
  };
  const server = createReplyServer(route, now);
  server.listen(options.port ?? 0, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    await closeAll();
    throw error;
  }
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const shown = workspaces.map((workspace) => show(workspace, origin));
  const [first] = shown;
  if (first === undefined) throw new Error('Logs emulator: no workspace.');
  return {
    ...first,
    workspaces: shown,
    endpoint: `${origin}/v1`,
    connectionString: first.components[0]?.connectionString ?? '',
    limits,
    denied,
    counters,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await closeAll();
    },
  };
}

function find(path: string, workspaces: readonly Workspace[], denied: Denied): Target | Reply | undefined {
  try {
    return targetOf(path, workspaces, denied);
  } catch (error) {
    if (error instanceof NoSuchTarget) return failure(404, 'ResourceNotFoundError', error.message);
    throw error;
  }
}

function show(workspace: Workspace, origin: string): LogsWorkspace {
  const { workspaceId, resourceId, ingest, generate, repeat, remove, count, query } = workspace;
  const components = workspace.components.map((component) => ({
    ...component,
    connectionString: `InstrumentationKey=${component.instrumentationKey};IngestionEndpoint=${origin}/`,
  }));
  return { workspaceId, resourceId, components, ingest, generate, repeat, remove, count, query };
}
