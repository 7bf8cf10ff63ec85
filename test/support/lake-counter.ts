import { once } from 'node:events';
import { createServer } from 'node:http';
import { createPassThrough } from '../../src/local/lake/pass-through.ts';

/**
 * Stands before a lake and notes every request: its method and what tells its action.
 * @param pageSize of every listing, below what the lake would answer by itself.
 */
export async function countRequests(lakeUrl: string, pageSize?: number) {
  const target = new URL(lakeUrl);
  const lake = createPassThrough(Number(target.port));
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', target);
    const action = request.headers['x-ms-rename-source'] ? 'rename' : searchParams.get('action');
    requests.push(`${request.method} ${action ?? searchParams.get('resource') ?? ''}`.trim());
    if (pageSize && action === null && searchParams.has('recursive')) request.url += `&maxResults=${pageSize}`;
    lake.send(request, response, (etag) => etag).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  target.port = String(typeof address === 'object' ? address?.port : '');
  return {
    url: target,
    /** Everything since the last call. */
    take: () => requests.splice(0),
    close() {
      server.close();
      server.closeAllConnections();
      lake.close();
    },
  };
}
