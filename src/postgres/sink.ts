import type { Sink } from '../core/sink.ts';
import type { Access } from './access.ts';
import { openDatabase } from './connection.ts';
import { listParts, newestPart, readPart } from './parts.ts';
import { proveDatabase } from './prove.ts';
import { ensureSchema } from './schema.ts';
import { createSession } from './session.ts';
import { targetOf } from './target.ts';
import { selectVerdicts } from './verdicts.ts';
import { insertWatermark, readWatermark } from './watermark.ts';

export interface PostgresOptions extends Access {
  /** `postgresql://<user>@<host>[:<port>]/<database>`, checked by the settings. */
  readonly url: URL;
  /** Queries of Logs that are under way at once in this process. Default 5. */
  readonly queriesAtOnce?: number;
}

/**
 * Connections for each query that may be under way. Half of them at most hold windows ahead of their turn, so that those
 * whose turn it is, and who only looks, always come to theirs.
 */
const CONNECTIONS_SHARE = 4;

/**
 * A sink of tables: rows and position are one transaction. Each export has a table, `monitorlift.<export>`, and each
 * row names its part, a row of `monitorlift._parts`.
 */
export function createPostgresSink({ url, queriesAtOnce = 5, ...access }: PostgresOptions): Sink {
  const connections = CONNECTIONS_SHARE * queriesAtOnce;
  const database = openDatabase(targetOf(url), access, connections);
  let ahead = 0;
  return {
    reserve() {
      if (ahead >= connections / 2) return undefined;
      ahead += 1;
      return () => {
        ahead -= 1;
      };
    },
    async open(home, holder) {
      const found = await database.using((connection) => readWatermark(connection, home));
      return found && createSession(database, home, found, holder);
    },
    begin: (home, position, holder) =>
      database.transaction(async (connection) => {
        await ensureSchema(connection);
        await insertWatermark(connection, home, position, holder);
        await connection.query('commit');
      }),
    newest: (exportName) => newestPart(database, exportName),
    parts: (exportName, hours) => listParts(database, exportName, hours),
    read: (part, column) => readPart(database, part, column),
    verdicts: (exportName, dayMs) => database.using((connection) => selectVerdicts(connection, exportName, dayMs)),
    prove: (home, holder) => proveDatabase(database, home, holder),
  };
}
