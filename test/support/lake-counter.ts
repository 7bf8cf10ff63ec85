import { once } from 'node:events';
import { createServer, type IncomingMessage, request as sendRequest } from 'node:http';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createPassThrough } from '../../src/local/lake/pass-through.ts';

export interface CounterOptions {
  /** Of every listing, below what the lake would answer by itself. */
  readonly pageSize?: number;
  /** Asked for every request, by its label: the lake gets it, and its answer gets lost. */
  readonly losesReply?: (label: string) => boolean;
}

/** Stands before a lake and notes every request: its method and what tells its action. */
export async function countRequests(lakeUrl: string, { pageSize, losesReply = () => false }: CounterOptions = {}) {
  const target = new URL(lakeUrl);
  const port = Number(target.port);
  const lake = createPassThrough(port);
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', target);
    const action = request.headers['x-ms-rename-source'] ? 'rename' : searchParams.get('action');
    const label =
      `${request.method} ${action ?? searchParams.get('resource') ?? searchParams.get('comp') ?? ''}`.trim();
    requests.push(label);
    if (pageSize && action === null && searchParams.has('recursive')) request.url += `&maxResults=${pageSize}`;
    if (pageSize && label === 'GET list') {
      // A signature holds for the address as it was: without one, whoever may read the container may list it.
      request.url += `&maxresults=${pageSize}`;
      const at = request.rawHeaders.findIndex((header) => header.toLowerCase() === 'authorization');
      request.rawHeaders.splice(at, 2);
    }
    const sent = losesReply(label)
      ? sendUnheard(port, request).then(() => response.destroy())
      : lake.send(request, response, (etag) => etag);
    sent.catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  target.port = String(typeof address === 'object' ? address?.port : '');
  return {
    url: target,
    /** Everything since the last call. */
    take: () => requests.splice(0),
    /** How many connections are open. */
    connections: () => sockets.size,
    close() {
      server.close();
      server.closeAllConnections();
      lake.close();
    },
  };
}

async function sendUnheard(port: number, request: IncomingMessage): Promise<void> {
  const { method, url, headers } = request;
  const body = await buffer(request);
  const upstream = sendRequest({ host: '127.0.0.1', port, method, path: url, headers });
  upstream.end(body);
  const [answer] = await once(upstream, 'response');
  await buffer(answer);
}
