import { parseFields } from '../core/lake/fields.ts';
import { formatPosition, POSITION_VERSION, parsePosition } from '../core/lake/position.ts';
import type { Holder, Position } from '../core/sink.ts';
import type { Connection } from './connection.ts';
import { unlessMissing } from './error.ts';
import { milliseconds } from './names.ts';
import { WATERMARKS } from './schema.ts';

/** A row of `_watermark`. */
export interface Watermark {
  readonly position: Position;
  /** The JSON of the position. */
  readonly text: string;
  /** Counts every replacement. */
  readonly commit: number;
  /** The run that wrote this. */
  readonly runId: string;
  readonly updatedAtMs: number;
}

/** A run that has vanished between its update and its commit keeps others waiting no longer than that. */
const COMMIT_MS = 20_000;

/** @throws when the position is damaged; nothing may be exported then. */
export function readWatermark(connection: Connection, home: string): Promise<Watermark | undefined> {
  return unlessMissing(select(connection, home, ''));
}

/** Waits for a commit that may be under way. In a transaction. */
export function readSettled(connection: Connection, home: string): Promise<Watermark | undefined> {
  return select(connection, home, 'for update');
}

async function select(connection: Connection, home: string, lock: string): Promise<Watermark | undefined> {
  const { rows } = await connection.query(
    `select position::text as text, commit, run_id, ${milliseconds('updated_at')} from ${WATERMARKS} ` +
      `where home = $1 ${lock}`,
    [home],
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    position: readPosition(row.text, home),
    text: row.text,
    commit: Number(row.commit),
    runId: row.run_id,
    updatedAtMs: Number(row.updated_at),
  };
}

/**
 * Creates the first position of a home; where there is one, it stays.
 * @throws when there is one whose name differs in its case only: both would have the same table.
 */
export async function insertWatermark(connection: Connection, home: string, position: Position, { runId }: Holder) {
  const { rows } = await connection.query(
    `select home from ${WATERMARKS} where lower(home) = lower($1) and home <> $1 limit 1`,
    [home],
  );
  if (rows[0] !== undefined) {
    throw new Error(
      `found the export ${rows[0].home}, expected ${home}: tables are named without case, and the rows of both would ` +
        `be in one. Write the name as ${rows[0].home}`,
    );
  }
  await connection.query(
    `insert into ${WATERMARKS} (home, position, commit, run_id) values ($1, $2, 0, $3) on conflict do nothing`,
    [home, positionText(position), runId],
  );
}

/**
 * Replaces a position, in the transaction that is open, if it is still the one that was read.
 * @returns the new one; `undefined` when it is not.
 */
export async function moveWatermark(
  connection: Connection,
  home: string,
  { text, commit, runId }: Watermark,
  position: Position,
  newRunId: string,
): Promise<Watermark | undefined> {
  const next = { position, text: positionText(position), commit: commit + 1, runId: newRunId };
  const { rows } = await connection.query(
    `update ${WATERMARKS} set position = $5, commit = $6, run_id = $7, updated_at = now() ` +
      `where home = $1 and commit = $2 and run_id = $3 and position = $4 returning ${milliseconds('updated_at')}, ` +
      `set_config('idle_in_transaction_session_timeout', '${COMMIT_MS}', true)`,
    [home, commit, runId, text, next.text, next.commit, next.runId],
  );
  return rows[0] === undefined ? undefined : { ...next, updatedAtMs: Number(rows[0].updated_at) };
}

/** The JSON of a position, with the fields of a lake's watermark file. */
function positionText(position: Position): string {
  return JSON.stringify({ version: POSITION_VERSION, ...formatPosition(position) });
}

/** @throws naming the field, what was found, and what to do. */
export function readPosition(text: string, home: string): Position {
  const fields = parseFields(
    text,
    (found, expected, cause) =>
      new Error(
        `${WATERMARKS}, home '${home}': found ${found}, expected ${expected}. Nothing was exported or ` +
          'changed. Restore the row, or set the export back (README, "Set an export back")',
        { cause },
      ),
  );
  fields.read('version', (value): value is number => value === POSITION_VERSION, `${POSITION_VERSION}`);
  const name = home.split('/')[0] ?? home;
  return parsePosition(
    fields,
    fields.read('export', (value): value is string => value === name, `"${name}"`),
  );
}
