import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

/** A request on its way, whole. */
export interface Passing {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a proxy answers in place of the real server. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface EmulatorProxy extends AsyncDisposable {
  /** The same address by way of the proxy. */
  readonly url: string;
}

/** Stands before an emulator and answers what `refuse` says in its place; the rest goes through as it is. */
export async function startProxy(
  target: string,
  refuse: (request: Passing) => Refusal | undefined,
): Promise<EmulatorProxy> {
  const { hostname, port } = new URL(target);
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const forward = async (): Promise<void> => {
      const body = Buffer.concat(await Array.fromAsync(request));
      const refusal = refuse({ method, url, headers, body: body.toString() });
      if (refusal !== undefined) {
        response.writeHead(refusal.status, refusal.headers).end(refusal.body);
        return;
      }
      const sent = send({ hostname, port, method, path: url, headers });
      sent.end(body);
      const [answer] = await once(sent, 'response');
      response.writeHead(answer.statusCode, answer.headers);
      await pipeline(answer, response);
    };
    forward().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxied = new URL(target);
  proxied.port = String((server.address() as AddressInfo).port);
  return {
    url: proxied.href,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A refusal as the Data Lake words it. */
export function lakeRefusal(status: number, code: string): Refusal {
  const headers = { 'content-type': 'application/json', 'x-ms-error-code': code };
  return { status, headers, body: JSON.stringify({ error: { code, message: `${code}.` } }) };
}

/** A refusal as Logs words it. */
export function logsRefusal(status: number, code: string): Refusal {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, body: JSON.stringify({ error: { code, message: `${code} was found.` } }) };
}
