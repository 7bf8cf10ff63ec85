import { isDeepStrictEqual } from 'node:util';
import type { Rows } from '../core/rows.ts';
import { type Holder, type PartKey, type Position, type Session, SupersededError } from '../core/sink.ts';
import { formatIso } from '../core/window.ts';
import type { Connection, Database } from './connection.ts';
import type { StagedPart } from './open-window.ts';
import { WATERMARKS } from './schema.ts';
import { insertVerdicts } from './verdicts.ts';
import { moveWatermark, readPosition, readSettled, type Watermark } from './watermark.ts';
import { createWindows } from './windows.ts';

/**
 * A session on a database. A window is one transaction, from the first row to the watermark: what is staged is what is
 * not committed yet, and the server itself takes it away when nobody holds it any more.
 */
export function createSession(database: Database, home: string, opened: Watermark, { runId, log }: Holder): Session {
  let current = opened;
  const windows = createWindows(database, opened.position.export, log);

  /** Moves the position and ends the transaction. `undefined` when another run was first. */
  async function move(connection: Connection, position: Position): Promise<Watermark | undefined> {
    const next = await moveWatermark(connection, home, current, position, runId);
    if (next === undefined) return undefined;
    await connection.query('commit');
    return next;
  }

  /** Whether no other run has moved the position since it was read. */
  const isCurrent = ({ commit, runId }: Watermark) => commit === current.commit && runId === current.runId;

  /** What has come of a commit, once it is not under way any more. */
  async function readBack(position: Position, cause: unknown): Promise<Watermark> {
    const found = await database.transaction((connection) => readSettled(connection, home));
    const where = `${WATERMARKS}, home '${home}'`;
    if (found === undefined) throw new Error(`${where} is gone: someone deleted it during the run`, { cause });
    if (found.runId === runId && found.commit === current.commit + 1) return { ...found, position };
    // Nor anybody by hand.
    const isSame = isDeepStrictEqual(found.position, readPosition(current.text, home));
    if (!isSame || !isCurrent(found)) throw supersededBy(found, cause);
    throw new Error(`${where}: the commit until ${formatIso(position.exportedUntilMs)} has not arrived`, { cause });
  }

  return {
    get position() {
      return current.position;
    },
    get unpublished() {
      return { parts: 0, sinceMs: current.updatedAtMs };
    },
    stage: (key: PartKey, rows: Rows) => windows.stage(key, rows),
    discard: (parts: readonly StagedPart[]) => windows.discard(parts),

    async commit(position, parts: readonly StagedPart[]) {
      const window = await windows.windowOf(parts);
      let cause: unknown;
      try {
        const work = (connection: Connection) => move(connection, position);
        const moved = await (window === undefined ? database.transaction(work) : window.finish(work));
        if (moved !== undefined) {
          current = moved;
          return;
        }
      } catch (error) {
        cause = error;
      }
      current = await readBack(position, cause);
    },

    // The commit has done it.
    async publish() {},

    async record(verdicts, isAgain = false) {
      await database.transaction(async (connection) => {
        const found = await readSettled(connection, home);
        if (found === undefined || !isCurrent(found)) throw supersededBy(found);
        await insertVerdicts(connection, current.position.export, verdicts, isAgain);
        await connection.query('commit');
      });
    },

    async close(position = current.position) {
      await windows.close();
      if (isDeepStrictEqual(position, current.position)) return;
      current = (await database.transaction((connection) => move(connection, position))) ?? current;
    },

    // A transaction that nobody holds is over.
    async sweep() {},
  };
}

function supersededBy(found: Watermark | undefined, cause?: unknown): SupersededError {
  const what = found && `run ${found.runId} has exported until ${formatIso(found.position.exportedUntilMs)}`;
  return new SupersededError(what ?? 'the position is gone', { cause });
}
