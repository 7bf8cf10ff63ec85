import { Pool, type PoolClient, type QueryResult } from 'pg';
import { type Access, findPassword } from './access.ts';
import { copyInto, type TurnOf } from './copy-in.ts';
import { DatabaseError, explain } from './error.ts';
import type { Target } from './target.ts';

/** One connection. Whoever has it uses it alone, one call after the other, and ends the use of it. */
export interface Connection {
  /**
   * @param limitMs how long the answer may take; after it the connection is cut.
   * @throws DatabaseError
   */
  query(text: string, values?: unknown[], limitMs?: number): Promise<QueryResult>;
  /**
   * Streams the data of a `copy ... from stdin`. An error of the chunks comes out as that very error.
   * @throws DatabaseError
   */
  copy(text: string, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /**
   * Undoes what has not been committed, and gives the connection back. Never throws: a connection that cannot do it is cut,
   * and then the server does it.
   */
  end(): Promise<void>;
}

export interface Database {
  /**
   * A connection in a transaction that has begun.
   * @param statementMs how long the server works on one statement of it; 0: as long as it takes.
   */
  begin(statementMs?: number): Promise<Connection>;
  /** Does `work` with a connection, and ends its use whatever happens. */
  using<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** The same in a transaction, which `work` commits last. */
  transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
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

  async function connect(): Promise<Connection> {
    const client = await pool.connect().catch((error: unknown) => {
      throw explain(error, target);
    });
    return createConnection(client, target);
  }
  async function begin(statementMs = STATEMENT_MS): Promise<Connection> {
    const connection = await connect();
    const settings = [...SETTINGS, `statement_timeout = ${statementMs}`].map((setting) => `set local ${setting}`);
    const statements = ['begin isolation level read committed read write', ...settings];
    await connection.query(statements.join('; ')).catch(async (error: unknown) => {
      await connection.end();
      throw error;
    });
    return connection;
  }
  async function lend<T>(connection: Connection, work: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await work(connection);
    } finally {
      await connection.end();
    }
  }
  return {
    begin,
    using: async (work) => lend(await connect(), work),
    transaction: async (work) => lend(await begin(), work),
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
    if (!isCut) client.off('error', ignore);
    client.release(isCut);
  }

  /**
   * Does `work`, and cuts the connection when it turns out to be of no use any more, or the server takes longer than
   * `limitMs`. Its turn begins with the work, and by `turnOf`.
   */
  async function use<T>(limitMs: number, work: (turnOf: TurnOf) => Promise<T>): Promise<T> {
    if (!isHeld) throw new DatabaseError(`${target.name}: the connection is lost`, '');
    let isLate = false;
    let timer: NodeJS.Timeout | undefined;
    const turnOf: TurnOf = (who) => {
      clearTimeout(timer);
      if (who === 'client') return;
      timer = setTimeout(() => {
        isLate = true;
        release(true);
      }, limitMs);
    };
    try {
      turnOf('server');
      return await work(turnOf);
    } catch (error) {
      if (isLate) throw new DatabaseError(`${target.name}: no answer within ${limitMs / 1000} s`, '', { cause: error });
      const known = explain(error, target);
      if (!SQLSTATE.test(known.code) || known.code.startsWith('57P')) release(true);
      throw known;
    } finally {
      clearTimeout(timer);
    }
  }

  const query: Connection['query'] = (text, values, limitMs = ANSWER_MS) =>
    use(limitMs, () => client.query(text, values));

  return {
    query,
    async copy(text, chunks) {
      const failed = await use(ANSWER_MS, (turnOf) => copyInto(client, text, chunks, turnOf));
      if (failed !== undefined) throw failed.error;
    },
    async end() {
      if (isHeld && client.getTransactionStatus() !== 'I') await query('rollback').catch(() => release(true));
      release(false);
    },
  };
}

/** What the server itself says has such a code, and the connection goes on; unlike `EPIPE`. */
const SQLSTATE = /^(?=.*\d)[0-9A-Z]{5}$/;
