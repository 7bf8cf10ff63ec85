import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import { gzipSync } from 'node:zlib';

export interface ReceivedRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the server does with one request. */
export type Reply = (response: ServerResponse, request: IncomingMessage) => void | Promise<void>;

export interface AnswerServer {
  /** As `LOGS_ENDPOINT` has it. */
  readonly endpoint: URL;
  readonly requests: ReceivedRequest[];
  close(): Promise<void>;
}

/**
 * A Logs endpoint that answers the first request with the first reply, and so on; one too many gets a 599. It is closed
 * at the end of the test that starts it.
 */
export async function startAnswerServer(...replies: Reply[]): Promise<AnswerServer> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body = Buffer.concat(await Array.fromAsync(request)).toString();
      requests.push({ url: request.url ?? '', headers: request.headers, body });
      await (replies[requests.length - 1] ?? text(599, 'one request too many'))(response, request);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  after(close);
  return {
    endpoint: new URL(`http://127.0.0.1:${port}/v1`),
    requests,
    close,
  };
}

/** Any status with any body, as one piece. */
export function text(status: number, body: string, headers: Record<string, string> = {}): Reply {
  return (response) => void response.writeHead(status, headers).end(body);
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return text(status, JSON.stringify(body), { 'content-type': 'application/json; charset=utf-8', ...headers });
}

/** A 200 answer with this body. */
export function answer(body: string, headers: Record<string, string> = {}): Reply {
  return text(200, body, { 'content-type': 'application/json; charset=utf-8', ...headers });
}

/** A compressed answer, cut after `bytes` when they are given. */
export function gzipped(body: string, bytes?: number, status = 200): Reply {
  const whole = gzipSync(body);
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    if (bytes === undefined) response.end(whole);
    else response.write(whole.subarray(0, bytes), () => response.socket?.destroy());
  };
}

/** The beginning of a 200 answer; then the connection is reset. */
export function brokenBody(beginning: string): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(beginning, () => response.socket?.resetAndDestroy());
  };
}

/** The connection is reset before there is any answer. */
export const noAnswer: Reply = (response) => void response.socket?.resetAndDestroy();

/** The body of an answer with these columns (`name:type`) and rows. */
export function answerBody(columns: readonly string[], rows: readonly unknown[][], error?: unknown): string {
  const described = columns.map((column) => {
    const [name, type] = column.split(':');
    return { name, type };
  });
  return JSON.stringify({ tables: [{ name: 'PrimaryResult', columns: described, rows }], ...(error ? { error } : {}) });
}
