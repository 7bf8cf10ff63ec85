import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createGate, DEFAULT_LIMITS, type Limits } from './gate.ts';
import { type Counters, createCache, replyToQuery } from './query.ts';
import { createReplyServer, failure, type Received, type Reply, whole } from './server.ts';
import { openWorkspace, type Workspace, type WorkspaceOptions } from './workspace.ts';

export interface LogsEmulatorOptions extends WorkspaceOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number;
  readonly limits?: Partial<Limits>;
}

export interface LogsEmulator extends Pick<Workspace, 'workspaceId' | 'ingest' | 'generate' | 'count' | 'query'> {
  /** The query API, as `LOGS_ENDPOINT` wants it. */
  readonly endpoint: string;
  /** For the Application Insights SDKs. */
  readonly connectionString: string;
  /** May be changed while the emulator runs. */
  readonly limits: Limits;
  readonly counters: Readonly<Counters>;
  close(): Promise<void>;
}

/**
 * Starts a Logs workspace on loopback: the query API and the ingestion endpoint over plain http. The clock `now` also
 * rules the cache and the `Date` header.
 */
export async function startLogsEmulator(options: LogsEmulatorOptions = {}): Promise<LogsEmulator> {
  const workspace = await openWorkspace(options);
  const { workspaceId, instrumentationKey, ingest, generate, count, query } = workspace;
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  const counters: Counters = { queries: 0, cached: 0, throttled: 0 };
  const context = { workspace, limits, gate: createGate(limits), cache: createCache(), counters };
  const route = async (request: Received): Promise<Reply> => {
    const id = /^\/v1\/workspaces\/([^/]+)\/query$/.exec(request.path)?.[1];
    if (request.method === 'POST' && id !== undefined) return await replyToQuery(id, request, context);
    if (request.method === 'POST' && /^\/v2(\.1)?\/track$/.test(request.path)) {
      const { status, body } = await workspace.track(request.body.toString());
      return { status, body: whole(body) };
    }
    return failure(404, 'PathNotFoundError', 'The requested path does not exist.');
  };
  const server = createReplyServer(route, workspace.now);
  server.listen(options.port ?? 0, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    await workspace.database.close();
    throw error;
  }
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint: `${origin}/v1`,
    connectionString: `InstrumentationKey=${instrumentationKey};IngestionEndpoint=${origin}/`,
    workspaceId,
    limits,
    counters,
    ingest,
    generate,
    count,
    query,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await workspace.database.close();
    },
  };
}
