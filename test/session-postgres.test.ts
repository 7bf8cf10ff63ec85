import { after } from 'node:test';
import { startPostgres } from '../src/local/postgres/server.ts';
import { createPostgresSink } from '../src/postgres/sink.ts';
import { testSessionsAhead } from './support/session-ahead-suite.ts';
import { testAudit } from './support/session-audit-suite.ts';
import { testSessions } from './support/session-suite.ts';

const server = await startPostgres();
after(() => server[Symbol.asyncDispose]());

async function makeSink() {
  const { url, password, sql } = await server.createDatabase();
  return {
    sink: createPostgresSink({ url, password }),
    async visible() {
      const [found] = await sql("select to_regclass('monitorlift.requests') is not null as there");
      if (found?.there !== true) return [];
      const rows = await sql<{ id: string }>('select itemid as id from monitorlift.requests');
      return rows.map(({ id }) => Number(id.slice('item-'.length))).sort((a, b) => a - b);
    },
  };
}

testSessions('PostgreSQL', makeSink);
testSessionsAhead('PostgreSQL', makeSink);
testAudit('PostgreSQL', makeSink);
