import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { BlobServiceClient } from '@azure/storage-blob';
import { createTurns } from '../../core/turns.ts';
import { createDfs, type DfsAnswer } from './dfs.ts';
import { toDfsError } from './dfs-error.ts';
import { readDfsRequest } from './dfs-request.ts';
import { createEntries } from './entries.ts';
import { createNamespace } from './namespace.ts';
import { createPassThrough } from './pass-through.ts';
import { createPendingData } from './pending-data.ts';

export interface Gateway {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * The DFS endpoint that Azurite does not have, on 127.0.0.1: as strict as a hierarchical namespace, kept in Azurite's
 * blobs. Everything else passes through to Azurite. DFS requests are not authenticated.
 */
export async function startGateway(blobs: BlobServiceClient, blobPort: number, port: number): Promise<Gateway> {
  const entries = createEntries(blobs);
  const turns = createTurns();
  const dfs = createDfs(entries, createNamespace(entries), createPendingData(), turns);
  const azurite = createPassThrough(blobPort);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = readDfsRequest(request);
    if (call.action) return send(response, await dfs[call.action](call, request));
    // Nobody shall see the two halves of a rename.
    await turns.settle();
    await azurite.send(request, response, (etag) => `"${entries.seenEtag(call.place, etag)}"`);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => fail(response, error));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: portOf(server),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      azurite.close();
    },
  };
}

function send(response: ServerResponse, { status, headers = {}, json }: DfsAnswer): void {
  response.statusCode = status;
  response.setHeader('x-ms-request-id', randomUUID());
  response.setHeader('x-ms-version', '2023-11-03');
  if (json !== undefined) response.setHeader('content-type', 'application/json;charset=utf-8');
  for (const [name, value] of Object.entries(headers)) if (value) response.setHeader(name, value);
  response.end(json === undefined ? undefined : JSON.stringify(json));
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const { status, code, message } = toDfsError(error);
  send(response, { status, headers: { 'x-ms-error-code': code }, json: { error: { code, message } } });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the gateway has no port');
  return address.port;
}
