import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { chown, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { findPrograms } from './programs.ts';

/** A real PostgreSQL server, in a temporary folder and on a free port of this machine. */
export interface PostgresServer extends AsyncDisposable {
  readonly port: number;
  /** Makes an empty database. */
  createDatabase(): Promise<LocalDatabase>;
}

/** A database of it, for tests and demo. */
export interface LocalDatabase {
  readonly name: string;
  /** As `SINK_URL` names it. */
  readonly url: URL;
  readonly password: string;
  /** Runs a statement as the administrator. */
  sql<T = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<T[]>;
  /** For a role that may make things in the database, and have so many connections. */
  limited(connections: number): Promise<URL>;
  /** Runs a statement in a transaction that is held open until what it gives is called. */
  hold(text: string): Promise<() => Promise<void>>;
}

/** The administrator, and the owner of the databases that are made. */
const ADMINISTRATOR = 'monitor';
const PASSWORD = 'not a secret';
/** `nobody`: PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
const START_MS = 60_000;
const PORT_ATTEMPTS = 3;
/** It need not survive a power cut. Its time zone has an offset of quarters. */
const SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '32MB',
  timezone: 'Pacific/Chatham',
  datestyle: 'SQL, DMY',
};

export async function startPostgres(): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'monitorlift-postgres-'));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const programs = await preparePrograms(folder);
    const server = await startServer(programs, join(folder, 'data'));
    let databases = 0;
    return {
      port: server.port,
      async createDatabase() {
        const name = `db${++databases}`;
        await runSql(server.port, 'postgres', `create database ${name}`);
        return openDatabase(server.port, name);
      },
      async [Symbol.asyncDispose]() {
        await stop(server.process);
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

interface Programs {
  readonly folder: string;
  /** Whom to run them as; `undefined`: whoever runs this. */
  readonly user: number | undefined;
}

/** Initializes `<folder>/data`. Programs of a package are copied where another user may not reach them. */
async function preparePrograms(folder: string): Promise<Programs> {
  const found = await findPrograms();
  let programs = found.folder;
  const user = process.getuid?.() === 0 ? NOBODY : undefined;
  if (user !== undefined) {
    await chown(folder, user, user);
    if (found.isPackaged) {
      await cp(dirname(programs), join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
      programs = join(folder, 'native', 'bin');
    }
  }
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, PASSWORD);
  const options = ['--no-sync', '--no-instructions', '--locale=C', '--encoding=UTF8', '--auth=scram-sha-256'];
  const identity = user === undefined ? {} : { uid: user, gid: user };
  await promisify(execFile)(
    join(programs, 'initdb'),
    [...options, `--username=${ADMINISTRATOR}`, `--pwfile=${passwordFile}`, '-D', join(folder, 'data')],
    { cwd: folder, ...identity },
  );
  return { folder: programs, user };
}

async function startServer(programs: Programs, data: string): Promise<{ port: number; process: ChildProcess }> {
  for (let attempt = 1; ; attempt++) {
    const port = await findFreePort();
    const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = fork(
      join(import.meta.dirname, 'keeper.ts'),
      [join(programs.folder, 'postgres'), String(programs.user ?? ''), '-D', data, '-p', String(port), ...settings],
      { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], detached: platform() !== 'win32' },
    );
    const complaint = await whenReady(child);
    if (complaint === undefined) return { port, process: child };
    await stop(child);
    if (attempt === PORT_ATTEMPTS || !complaint.includes('could not bind')) {
      throw new Error(`PostgreSQL did not start. It said: ${complaint}`);
    }
  }
}

/** Why it did not start; `undefined` when it did. */
async function whenReady(child: ChildProcess): Promise<string | undefined> {
  const said: string[] = [];
  const signal = AbortSignal.timeout(START_MS);
  // Ends when the server does, or after the time limit.
  for await (const line of createInterface({ input: child.stderr ?? process.stdin, signal })) {
    said.push(line);
    if (!line.includes('ready to accept connections')) continue;
    child.stderr?.resume();
    child.unref();
    return undefined;
  }
  return said.slice(-10).join('\n');
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const exited = once(child, 'exit');
  if (child.connected) child.disconnect();
  await exited;
}

function openDatabase(port: number, name: string): LocalDatabase {
  return {
    name,
    url: new URL(`postgresql://${ADMINISTRATOR}@127.0.0.1:${port}/${name}`),
    password: PASSWORD,
    sql: (text, values) => runSql(port, name, text, values),
    async limited(connections) {
      const role = `limited_${name}`;
      await runSql(port, name, `create role ${role} login password '${PASSWORD}' connection limit ${connections}`);
      await runSql(port, name, `grant create on database ${name} to ${role}`);
      return new URL(`postgresql://${role}@127.0.0.1:${port}/${name}`);
    },
    async hold(text) {
      const client = await connect(port, name);
      await client.query(`begin; ${text}`);
      return async () => {
        await client.query('commit');
        await client.end();
      };
    },
  };
}

async function runSql<T>(port: number, database: string, text: string, values?: readonly unknown[]): Promise<T[]> {
  const client = await connect(port, database);
  try {
    const { rows } = await client.query(text, values === undefined ? undefined : [...values]);
    return rows;
  } finally {
    await client.end();
  }
}

async function connect(port: number, database: string): Promise<Client> {
  const client = new Client({
    ...{ host: '127.0.0.1', port, database, user: ADMINISTRATOR, password: PASSWORD },
    options: '-c timezone=UTC -c datestyle=ISO',
  });
  await client.connect();
  return client;
}
