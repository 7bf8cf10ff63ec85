import { Pool } from 'pg';
import { formatTable } from '../../core/human.ts';
import type { PartFile, Row, SinkReader } from './compare.ts';

/** By the numbers of PostgreSQL's types; all others stay text. */
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't',
  20: BigInt,
  23: Number,
  114: JSON.parse,
  701: Number,
  1184: (text) => {
    const [, date, time, fraction = ''] = /^(\S+) ([\d:]+)(?:\.(\d+))?\+00$/.exec(text) ?? [];
    return { micros: `${date}T${time}.${fraction.padEnd(6, '0')}Z` };
  },
};

const AS_TEXT = { getTypeParser: () => (text: string) => text };
const EXAMPLE = `SELECT Name, count(*), round(avg(DurationMs)) AS average_ms
FROM monitorlift.requests
WHERE TimeGenerated > now() - interval '1 day'
GROUP BY 1 ORDER BY 2 DESC LIMIT 5;`;

/** Reads a database with SQL, and nothing of the exporter's own code. */
export function createDatabaseReader(url: URL, password: string): SinkReader & { close(): Promise<void> } {
  const [host, port, user, database] = [url.hostname, Number(url.port), url.username, url.pathname.slice(1)];
  const pool = new Pool({ host, port, user, password, database, options: '-c timezone=UTC -c datestyle=ISO' });
  // An idle connection may end with the server.
  pool.on('error', () => undefined);
  const types = { getTypeParser: (type: number) => PARSERS[type] ?? ((text: string) => text) };
  return {
    name: 'the database',
    async example() {
      const { fields, rows } = await pool.query<Row>({ text: EXAMPLE, types: AS_TEXT });
      const cells = rows.map((row) => Object.values(row).map(String));
      return `${EXAMPLE}\n\n${formatTable([fields.map(({ name }) => name), ...cells]).join('\n')}`;
    },
    columnOf: (name) => name.toLowerCase(),
    async listParts(exportName) {
      const text = 'select id, bytes from monitorlift._parts where export = $1 order by id';
      const { rows } = await pool.query<{ id: string; bytes: string }>(text, [exportName]);
      return rows.map(({ id, bytes }): PartFile => ({ path: `${exportName}/${id}`, bytes: Number(bytes) }));
    },
    async *readRows(path) {
      const [exportName = '', id] = path.split('/');
      const text = `select * from monitorlift.${exportName} where _part = $1`;
      const { rows } = await pool.query<Row>({ text, values: [id], types });
      for (const { _part, ...row } of rows) yield row;
    },
    close: () => pool.end(),
  };
}
