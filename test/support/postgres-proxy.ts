import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** One connection that goes through a proxy. */
export interface Link {
  readonly client: Socket;
  readonly server: Socket;
}

export interface PostgresProxy extends AsyncDisposable {
  /** The same database by way of the proxy. */
  via(url: URL): URL;
  /**
   * Sees what a client sends, and says whether it goes on. @param text as far as it is text.
   */
  onSent: (text: string, link: Link) => boolean;
}

/** Stands before a server and lets a test cut or hold what passes. */
export async function startPostgresProxy(): Promise<PostgresProxy> {
  const sockets = new Set<Socket>();
  let port = 0;
  const proxy: PostgresProxy = {
    onSent: () => true,
    via(url) {
      port = Number(url.port);
      const proxied = new URL(url);
      const address = listener.address();
      proxied.port = typeof address === 'object' ? String(address?.port) : '';
      return proxied;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
  const listener = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    const link = { client, server };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      // A cut connection is what tests want.
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (data) => {
      if (proxy.onSent(data.toString('latin1'), link)) server.write(data);
    });
    client.on('end', () => server.end());
    server.pipe(client);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return proxy;
}

/** Ends both sides at once. */
export function cut({ client, server }: Link): void {
  client.destroy();
  server.destroy();
}
