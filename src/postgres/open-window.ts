import type { Rows } from '../core/rows.ts';
import type { PartKey, Staged } from '../core/sink.ts';
import { createTurns } from '../core/turns.ts';
import type { Connection } from './connection.ts';
import { addPart, dropPart } from './part.ts';
import type { Destination } from './table.ts';

/** A part that is staged: its rows are in the transaction of its window. */
export interface StagedPart extends Staged {
  /** In `_parts`. */
  readonly id: string;
  readonly replaced: number;
  /** The quoted name of the table that has the rows. */
  readonly table: string;
  readonly window: OpenWindow;
}

/** The transaction that holds the parts of one window, on a connection of its own. */
export interface OpenWindow {
  readonly startMs: number;
  /** None any more when the transaction is over. */
  readonly parts: readonly StagedPart[];
  /** Whether the transaction is about to be over, by itself. */
  readonly isEnding: boolean;
  /** Resolves when it is over. */
  readonly ended: Promise<void>;
  stage(exportName: string, key: PartKey, destination: Destination, rows: Rows): Promise<StagedPart>;
  /** Takes parts out again; the transaction ends with the last one, and when it cannot. */
  discard(parts: ReadonlySet<StagedPart>): Promise<void>;
  /** Lets `work` commit, and ends the transaction whatever happens. */
  finish<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
}

/** @param connection in a transaction that has begun. @param onEnd called once when it is over. */
export function createOpenWindow(connection: Connection, startMs: number, onEnd: () => void): OpenWindow {
  const parts: StagedPart[] = [];
  const turns = createTurns();
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let isOpen = true;
  let isEnding = false;

  async function end(): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    isEnding = true;
    parts.length = 0;
    await connection.end();
    onEnd();
    resolve();
  }

  async function stage(exportName: string, key: PartKey, destination: Destination, rows: Rows): Promise<StagedPart> {
    // Only the first part takes the whole transaction with it when it fails.
    const isFirst = parts.length === 0;
    try {
      if (!isFirst) await connection.query('savepoint part');
      const added = await addPart(connection, exportName, key, destination, rows);
      if (!isFirst) await connection.query('release savepoint part');
      const part = { ...added, table: destination.table, window };
      parts.push(part);
      return part;
    } catch (error) {
      if (isFirst) await end();
      else await connection.query('rollback to savepoint part').catch(end);
      throw error;
    }
  }

  async function discard(unwanted: ReadonlySet<StagedPart>): Promise<void> {
    if (!isOpen) return;
    if (parts.every((part) => unwanted.has(part))) return await end();
    try {
      for (const part of parts.filter((each) => unwanted.has(each))) {
        await dropPart(connection, part);
        parts.splice(parts.indexOf(part), 1);
      }
    } catch {
      // Better none than one too many: a commit of the others fails.
      await end();
    }
  }

  const window: OpenWindow = {
    startMs,
    parts,
    ended,
    get isEnding() {
      return isEnding;
    },
    stage: (...asked) => turns.take(() => stage(...asked)),
    discard: (unwanted) => turns.take(() => discard(unwanted)),
    finish(work) {
      isEnding = true;
      return turns.take(() => work(connection).finally(end));
    },
  };
  return window;
}
