import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** One request, as it came. */
export interface Post {
  /** Without its quotes. */
  readonly key: string;
  readonly lines: readonly string[];
  /** Before it was compressed. */
  readonly bytes: number;
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  /** The attempt for this key, from 1. */
  readonly attempt: number;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * What happens to a request. `lose`: it is taken, and the reply gets lost. `cut`: it is taken, and the reply ends behind its
 * status. `drop`: it gets lost itself.
 */
export type Fate = Reply | 'take' | 'lose' | 'cut' | 'drop';

export interface Receiver extends AsyncDisposable {
  readonly url: URL;
  readonly posts: readonly Post[];
  /** The lines that were taken, by key: each key once, as a consumer does that remembers them. */
  readonly taken: ReadonlyMap<string, readonly string[]>;
  /** Keys that came with different bodies. */
  readonly mixed: ReadonlySet<string>;
}

/** A consumer that takes each `Idempotency-Key` once. */
export async function startReceiver(decide: (post: Post) => Fate | Promise<Fate> = () => 'take'): Promise<Receiver> {
  const posts: Post[] = [];
  const taken = new Map<string, readonly string[]>();
  const mixed = new Set<string>();
  const bodies = new Map<string, string>();
  const attempts = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return; // whoever sent it was killed
    const key = /^"(.+)"$/.exec(String(request.headers['idempotency-key']))?.[1] ?? '';
    const digest = createHash('sha256').update(body).digest('hex');
    if ((bodies.get(key) ?? digest) !== digest) mixed.add(key);
    bodies.set(key, digest);
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    const text = gunzipSync(body).toString();
    const lines = text.split('\n').slice(0, -1);
    const { headers, url: path = '' } = request;
    const post = { key, lines, bytes: Buffer.byteLength(text), headers, path, attempt };
    posts.push(post);
    const fate = await decide(post);
    if ((fate === 'take' || fate === 'lose' || fate === 'cut') && !taken.has(key)) taken.set(key, lines);
    answer(response, fate);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/rows`),
    posts,
    taken,
    mixed,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function answer(response: ServerResponse, fate: Fate): void {
  if (fate === 'lose' || fate === 'drop') {
    response.destroy();
    return;
  }
  if (fate === 'cut') {
    response.writeHead(200, { 'content-length': 10 });
    response.write('taken', () => response.destroy());
    return;
  }
  const { status, headers, body }: Reply = fate === 'take' ? { status: 204 } : fate;
  response.writeHead(status, { ...headers }).end(body);
}
