import { Pool } from 'pg';
import { formatCompact } from '../../src/core/window.ts';
import { startPostgres } from '../../src/local/postgres/server.ts';
import type { Sink, SinkFile } from './kill-sink.ts';

/** What readers take for one row of a part: the same fields as in a line of a lake. */
const LINE = `json_build_object('Id', r.id, 'IngestionTime', to_char(r.ingestiontime, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))`;
const TEXT = `string_agg(${LINE}::text || E'\\n', '' order by r.id)`;

/** Every part with its rows, and rows of no part; parts that share a window are those of a split millisecond. */
const PARTS = `
  select p.id, p.rows, p.is_late, p.index, p.of, round(extract(epoch from p.window_start) * 1000) as start_ms,
    round(extract(epoch from p.window_end) * 1000) as end_ms, coalesce(found.bytes, 0) as bytes, found.etag, found.id as part
  from (select *, row_number() over same as index, count(*) over (same rows between unbounded preceding and unbounded
      following) as of from monitorlift._parts
      window same as (partition by window_start, window_end, is_late, case when is_late then id end order by id)) as p
  full join (select r._part as id, sum(octet_length(${LINE}::text) + 1) as bytes, md5(${TEXT}) as etag
      from monitorlift.requests r group by r._part) as found using (id)`;
/** Transactions that have written something, whatever they wait for. */
const OPEN =
  "select pid, query from pg_stat_activity where application_name = 'monitorlift' and backend_xid is not null";

/** A database, shown as the files that a lake would have: its parts, by what their rows are now. */
export async function openPostgresSink(): Promise<Sink> {
  const server = await startPostgres();
  const { url, password } = await server.createDatabase();
  const [host, port, user, database] = [url.hostname, Number(url.port), url.username, url.pathname.slice(1)];
  const pool = new Pool({ host, port, user, database, password, options: '-c timezone=UTC', max: 2 });
  // An idle connection ends with the server.
  pool.on('error', () => undefined);

  async function select(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    try {
      return (await pool.query(text, [...values])).rows;
    } catch (error) {
      // The table, or the schema, is not there yet.
      if (['42P01', '3F000'].includes(String((error as { code?: unknown }).code))) return [];
      throw error;
    }
  }

  return {
    url: url.href,
    settings: { PGPASSWORD: password },
    isDatabase: true,
    isWriting: async () => (await select(OPEN)).length > 0,
    async list(folder) {
      if (!folder.endsWith('/_staging')) return (await select(PARTS)).map((row) => fileOf(folder, row));
      // What is staged is a transaction, and nobody is left who could hold one.
      const open = await select(OPEN);
      if (open.length > 0) throw new Error(`left open: ${JSON.stringify(open)}`);
      return [];
    },
    async read(path) {
      const [text] = path.endsWith('/_watermark.json')
        ? await select(
            `select position || jsonb_build_object('runId', run_id, 'publishing', '[]'::jsonb) as text ` +
              'from monitorlift._watermark where home = $1',
            [path.split('/')[0]],
          )
        : await select(`select ${TEXT} as text from monitorlift.requests r where r._part = $1`, [path.split('/')[1]]);
      if (text === undefined) return undefined;
      return Buffer.from(typeof text.text === 'string' ? text.text : JSON.stringify(text.text));
    },
    async close() {
      await pool.end();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Named as in a lake, below a folder that is the number of the part. */
function fileOf(folder: string, row: Record<string, unknown>): SinkFile {
  if (row.rows === null) throw new Error(`found rows of part ${row.part}, which is not in _parts`);
  const window = [row.start_ms, row.end_ms].map((ms) => formatCompact(Number(ms))).join('_');
  const split = Number(row.of) > 1 ? `_p${row.index}of${row.of}` : '';
  const late = row.is_late === true ? `_late${row.id}` : '';
  const path = `${folder}/${row.id}/${window}_${row.rows}${split}${late}.jsonl`;
  return { path, bytes: Number(row.bytes), etag: String(row.etag) };
}
