import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, gunzipSync } from 'node:zlib';

/** An answer to one request. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Buffer>;
  /** To be called when the body has been sent or given up: what makes it runs until then. */
  readonly close?: () => void;
}

/** A request that has been read; `signal` is aborted when the client has gone. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly signal: AbortSignal;
}

const MAX_BODY_BYTES = 128 * 1024 * 1024;

/** Makes a server whose answers are streamed, compressed if asked for, and dated by `now`. */
export function createReplyServer(reply: (request: Received) => Promise<Reply>, now: () => number): Server {
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const answer = await reply({
      method: request.method ?? '',
      path: new URL(request.url ?? '/', 'http://localhost').pathname,
      headers: request.headers,
      body: await readBody(request),
      signal: gone.signal,
    });
    try {
      await send(request, response, answer, now());
    } finally {
      answer.close?.();
    }
  };
  return createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(JSON.stringify({ error: { code: 'InternalServerError', message: `${error}` } }));
    });
  });
}

/** A body of one piece. */
export async function* whole(body: Buffer | object): AsyncGenerator<Buffer> {
  yield Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
}

/** An error as the API words it. */
export function failure(status: number, code: string, message: string, innererror?: object): Reply {
  return { status, body: whole({ error: { message, code, ...(innererror && { innererror }) } }) };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error(`Request body: found more than ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body, { maxOutputLength: MAX_BODY_BYTES }) : body;
}

async function send(request: IncomingMessage, response: ServerResponse, reply: Reply, nowMs: number): Promise<void> {
  const gzip = /\bgzip\b/.test(String(request.headers['accept-encoding']));
  response.writeHead(reply.status, {
    'Content-Type': 'application/json; charset=utf-8',
    Date: new Date(nowMs).toUTCString(),
    ...(gzip && { 'Content-Encoding': 'gzip' }),
    ...reply.headers,
  });
  const body = Readable.from(reply.body, { objectMode: false });
  if (gzip) await pipeline(body, createGzip({ level: constants.Z_BEST_SPEED }), response);
  else await pipeline(body, response);
}
