import { Pool, type PoolClient, type QueryResult } from 'pg';
import { type Access, findPassword } from './access.ts';
import { copyInto } from './copy-in.ts';
import { DatabaseError, explain } from './error.ts';
import type { Target } from './target.ts';

/** One connection. Whoever has it uses it alone, one call after the other, and gives it back. */
export interface Connection {
  /**
   * @param limitMs how long the answer may take; after it the connection is cut.
   * @throws DatabaseError
   */
  query(text: string, values?: readonly unknown[], limitMs?: number): Promise<QueryResult>;
  /**
   * Begins a transaction.
   * @param statementMs how long the server works on one statement of it; 0: as long as it takes.
   */
  begin(statementMs?: number): Promise<void>;
  /** Undoes the transaction. Never throws: a connection that cannot do it is cut, and then the server does it. */
  rollback(): Promise<void>;
  /**
   * Streams the data of a `copy ... from stdin`. An error of the chunks comes out as that very error.
   * @throws DatabaseError
   */
  copy(text: string, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** Back to the pool, unless it is cut. */
  release(): void;
}

export interface Database {
  readonly target: Target;
  connect(): Promise<Connection>;
  /** Gives the connection back, whatever happens. */
  using<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
}

/** How long a connection, a place in the pool included, may take. */
const CONNECT_MS = 30_000;
/** How long the server may take for an answer, or to take in a chunk. */
const ANSWER_MS = 120_000;
const STATEMENT_MS = 90_000;
const IDLE_MS = 10_000;

/** Whatever the server's defaults are. A client that has vanished is noticed within two minutes. */
const SETTINGS = [
  "timezone = 'UTC'",
  'lock_timeout = 30000',
  // A window waits for those before it, a run's time at most.
  'idle_in_transaction_session_timeout = 900000',
  'tcp_keepalives_idle = 60',
  'tcp_keepalives_interval = 10',
  'tcp_keepalives_count = 6',
];

/** @param limit so many connections at once; who wants one more waits. */
export function openDatabase(target: Target, access: Access, limit: number): Database {
  const { host, port, user, database } = target;
  const pool = new Pool({
    host,
    port,
    user,
    database,
    password: () => findPassword(target, access),
    ssl: target.isEncrypted ? { rejectUnauthorized: true } : false,
    application_name: 'monitorlift',
    keepAlive: true,
    keepAliveInitialDelayMillis: 60_000,
    connectionTimeoutMillis: CONNECT_MS,
    max: limit,
    idleTimeoutMillis: IDLE_MS,
    allowExitOnIdle: true,
  });
  // An idle connection that breaks is dropped, and nobody needs to know.
  pool.on('error', () => undefined);

  const connect = async () => {
    const client = await pool.connect().catch((error: unknown) => {
      throw explain(error, target);
    });
    return createConnection(client, target);
  };
  return {
    target,
    connect,
    async using(work) {
      const connection = await connect();
      try {
        return await work(connection);
      } finally {
        connection.release();
      }
    },
  };
}

function createConnection(client: PoolClient, target: Target): Connection {
  let isHeld = true;
  // Whoever waits for an answer gets the error too.
  const ignore = () => undefined;
  client.on('error', ignore);

  function release(isCut: boolean): void {
    if (!isHeld) return;
    isHeld = false;
    const isLost = isCut || client.getTransactionStatus() !== 'I';
    if (!isLost) client.off('error', ignore);
    client.release(isLost);
  }

  /** Does `work`, and cuts the connection when it turns out to be of no use any more. */
  async function use<T>(work: () => Promise<T>): Promise<T> {
    if (!isHeld) throw new DatabaseError(`${target.name}: the connection is lost`, '');
    try {
      return await work();
    } catch (error) {
      const known = explain(error, target);
      if (!SQLSTATE.test(known.code) || known.code.startsWith('57P')) release(true);
      throw known;
    }
  }

  const query: Connection['query'] = (text, values, limitMs = ANSWER_MS) =>
    use(async () => {
      const late = new DatabaseError(`${target.name}: no answer within ${limitMs / 1000} s`, '');
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        release(true);
      }, limitMs);
      try {
        return await client.query(text, values === undefined ? undefined : [...values]);
      } catch (error) {
        throw isLate ? late : error;
      } finally {
        clearTimeout(timer);
      }
    });

  return {
    query,
    async begin(statementMs = STATEMENT_MS) {
      const settings = [...SETTINGS, `statement_timeout = ${statementMs}`].map((setting) => `set local ${setting}`);
      await query(['begin isolation level read committed read write', ...settings].join('; '));
    },
    async rollback() {
      if (isHeld && client.getTransactionStatus() !== 'I') await query('rollback').catch(() => release(true));
    },
    async copy(text, chunks) {
      const failed = await use(() => copyInto(client, text, chunks, ANSWER_MS, () => release(true)));
      if (failed !== undefined) throw failed.error;
    },
    release: () => release(false),
  };
}

/** What the server itself says has such a code, and the connection goes on; unlike `EPIPE`. */
const SQLSTATE = /^(?=.*\d)[0-9A-Z]{5}$/;
