import assert from 'node:assert/strict';
import type { Column, Rows } from '../../src/core/rows.ts';
import type { Holder, Position, Session, Sink, Staged } from '../../src/core/sink.ts';
import type { LocalDatabase, PostgresServer } from '../../src/local/postgres/server.ts';
import { createPostgresSink } from '../../src/postgres/sink.ts';
import { firstPosition } from './first-position.ts';

export const START_MS = Date.UTC(2026, 10, 22, 14);
const MINUTE_MS = 60_000;

/** One export in a database of its own. */
export interface PostgresScene {
  readonly database: LocalDatabase;
  readonly sink: Sink;
  /** What has been said as a warning or for information. */
  readonly said: readonly string[];
  readonly open: () => Promise<Session>;
  /** Exports rows in the next window of a minute, in a session of its own. */
  readonly exportRows: (rows: Rows) => Promise<void>;
}

let runs = 0;

/** @param via another way to the database, such as a proxy or another user. */
export async function openScene(
  server: PostgresServer,
  { name = 'requests', via = (url: URL) => url }: { name?: string; via?: (url: URL) => URL } = {},
): Promise<PostgresScene> {
  const database = await server.createDatabase();
  const sink = createPostgresSink({ url: via(database.url), password: database.password });
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  const holder = (): Holder => ({ runId: `run${++runs}`, log: { debug() {}, info: say, warn: say, error: say } });
  await sink.begin(name, positionAt(0, name), holder());
  const open = async () => {
    const session = await sink.open(name, holder());
    assert.ok(session, 'the export has begun');
    return session;
  };
  return {
    database,
    sink,
    said,
    open,
    async exportRows(rows) {
      const session = await open();
      try {
        const minute = (session.position.exportedUntilMs - START_MS) / MINUTE_MS;
        const staged = await session.stage({ window: windowAt(minute) }, rows);
        await session.commit(positionAt(minute + 1, name), listOf(staged));
      } finally {
        await session.close();
      }
    },
  };
}

export function positionAt(minute: number, name = 'requests'): Position {
  const exportedUntilMs = START_MS + minute * MINUTE_MS;
  return { ...firstPosition(START_MS), export: name, exportedUntilMs, windowMs: MINUTE_MS };
}

export function windowAt(minute: number) {
  return { startMs: START_MS + minute * MINUTE_MS, endMs: START_MS + (minute + 1) * MINUTE_MS };
}

export function listOf(staged: Staged | undefined): readonly Staged[] {
  return staged === undefined ? [] : [staged];
}

/** Rows of cells as they come: JSON texts. @param batchRows in each batch. */
export function cellRows(
  columns: Readonly<Record<string, string>>,
  rows: Iterable<readonly string[]>,
  batchRows = 2,
): Rows {
  const typed: Column[] = Object.entries(columns).map(([name, type]) => ({ name, type }));
  async function* batches() {
    const all = [...rows];
    for (let first = 0; first < all.length; first += batchRows) yield batchOf(all.slice(first, first + batchRows));
  }
  return { columns: typed, batches: batches() };
}

function batchOf(rows: readonly (readonly string[])[]) {
  const cells: number[] = [];
  let text = '[';
  let at = 1;
  for (const cell of rows.flat()) {
    const end = at + Buffer.byteLength(cell);
    cells.push(at, end);
    text += `${cell},`;
    at = end + 1;
  }
  return { bytes: Buffer.from(`${text}]`), cells: Int32Array.from(cells), rows: rows.length };
}

/** A row with the one column `A`. */
export function oneRow(value: string): Rows {
  return cellRows({ A: 'string' }, [[JSON.stringify(value)]]);
}

export async function stageOne(session: Session, value: string, minute = 1): Promise<readonly Staged[]> {
  return listOf(await session.stage({ window: windowAt(minute) }, oneRow(value)));
}

/** What readers see of the column `A`, in order. */
export async function valuesIn({ sql }: LocalDatabase): Promise<string[]> {
  const [found] = await sql("select to_regclass('monitorlift.requests') is not null as there");
  if (found?.there !== true) return [];
  return (await sql<{ a: string }>('select a from monitorlift.requests order by a')).map(({ a }) => a);
}

/** Nobody holds a transaction: what was staged is gone. */
export async function assertQuiet({ sql }: LocalDatabase): Promise<void> {
  const busy = "select pid from pg_stat_activity where datname = current_database() and state like 'idle in%'";
  assert.deepEqual(await sql(busy), []);
}
