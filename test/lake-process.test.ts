import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { createLakeStore } from '../src/azure/lake/store.ts';
import { startLake } from '../src/local/lake/lake.ts';

test('a lake with all services of Azurite names ports that are busy, and takes them when they are free', async () => {
  const busy = await listen();
  const queuePort = portOf(busy);
  await assert.rejects(startLake({ queuePort, tablePort: 0 }), new RegExp(`Busy .* port ${queuePort} \\(queue\\)\\.`));
  await close(busy);

  const lake = await startLake({ queuePort, tablePort: 0 });
  try {
    // Not signed, but answered.
    assert.equal((await fetch(`http://127.0.0.1:${queuePort}/devstoreaccount1?comp=list`)).status, 403);
    await lake.createFileSystem('files');
  } finally {
    await lake.close();
  }
});

test('Azurite ends when the process that started the lake is killed', { timeout: 30_000 }, async () => {
  const free = await listen();
  const port = portOf(free);
  await close(free);
  const owner = spawn(process.execPath, [join(import.meta.dirname, 'support/lake-owner.ts'), String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await createInterface({ input: owner.stdout })[Symbol.asyncIterator]().next();
  assert.equal(said.value, 'started');
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  // Closed or reset. Azurite by itself lets a connection wait for its first request for a minute.
  const closed = new Promise((resolve) => socket.on('error', resolve).on('close', resolve));
  owner.kill('SIGKILL');
  await closed;
});

test('a lake with a folder has its files again after a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'monitorlift-lake-'));
  try {
    const first = await startLake({ folder });
    await first.createFileSystem('files');
    await createLakeStore(new URL(first.url('files')), undefined).replace('a', 'kept', undefined, 'via');
    await first.close();
    const second = await startLake({ folder });
    const store = createLakeStore(new URL(second.url('files')), undefined);
    assert.equal((await store.read('a'))?.text, 'kept');
    await second.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a process that could not read a file ends by itself', { timeout: 30_000 }, async () => {
  const lake = createHttpServer((_, response) =>
    response.writeHead(404, { 'x-ms-error-code': 'ContainerNotFound' }).end(),
  );
  await once(lake.listen(0, '127.0.0.1'), 'listening');
  const script = `
    import { createLakeStore } from ${JSON.stringify(import.meta.resolve('../src/azure/lake/store.ts'))};
    const store = createLakeStore(new URL('http://127.0.0.1:${portOf(lake)}/devstoreaccount1/files'), undefined);
    await store.readStream('a').catch((error) => console.log(error.message));
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script]);
  const ended = once(child, 'exit');
  assert.match(await text(child.stdout), /^Cannot read files.a \(404 ContainerNotFound\)/);
  assert.deepEqual(await ended, [0, null]);
  await close(lake);
});

async function listen(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
