import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { createTurns } from '../core/turns.ts';

const PATIENCE_MS = 10_000;
const MAX_IN_A_ROW = 8;
/** Longer than another process waits between two looks. */
const PAUSE_MS = 60;
const SQLITE_BUSY = 5;

export type Lock = ReturnType<typeof createLock>;

/**
 * A lock that one process has at a time. It is the operating system's file lock, taken by way of SQLite: it ends with
 * the process, however that ends. Those who want it in this process stand in line, and only the first of them looks at
 * the file.
 */
export function createLock(file: string, patienceMs = PATIENCE_MS) {
  const turns = createTurns();
  let waiting = 0;
  let inARow = 0;

  return {
    /**
     * Runs `work` while nobody else runs under the lock.
     * @throws when another process has kept it for `patienceMs` since the call.
     */
    hold<T>(work: () => Promise<T>): Promise<T> {
      const deadlineMs = performance.now() + patienceMs;
      waiting++;
      return turns.take(async () => {
        waiting--;
        // A process with a long line would never leave a gap in which another one looks.
        if (inARow >= MAX_IN_A_ROW) await delay(PAUSE_MS);
        inARow = waiting === 0 || inARow >= MAX_IN_A_ROW ? 0 : inARow + 1;
        const held = await acquire(file, deadlineMs, patienceMs);
        try {
          return await work();
        } finally {
          held.close();
        }
      });
    },
  };
}

/** Looks at least once: whoever stood in line for long may find the file free. */
async function acquire(file: string, deadlineMs: number, patienceMs: number): Promise<DatabaseSync> {
  const database = open(file);
  try {
    while (!tryLock(database)) {
      if (performance.now() >= deadlineMs) throw new Error(hasBeenLocked(file, patienceMs));
      // Uneven, so that those who wait do not keep meeting. Nothing tells a process that another one let go.
      await delay(5 + 30 * Math.random());
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function open(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `Cannot open the lock ${file} (SQLite: ${reason}). It must be writable, on a file system with file locks.`,
      { cause },
    );
  }
}

function tryLock(database: DatabaseSync): boolean {
  try {
    // No journal file: nothing is ever written to this database.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return false;
    throw error;
  }
}

function hasBeenLocked(file: string, patienceMs: number): string {
  return (
    `Another process has kept the lock ${file} for ${patienceMs / 1000} s. Is one of the exporter's paused? ` +
    'End it, or let it go on; the next run tries again.'
  );
}
