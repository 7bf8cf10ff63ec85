import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

const MAX_TRIES = 500;
const SQLITE_BUSY = 5;

/**
 * Runs `work` while no other process, and nobody else in this one, runs under the lock of the same file. It is the
 * operating system's file lock, taken by way of SQLite: it ends with the process, however that ends.
 * @throws when others have kept the lock for about ten seconds.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = new DatabaseSync(file);
  try {
    await acquire(lock, file);
    return await work();
  } finally {
    lock.close();
  }
}

async function acquire(lock: DatabaseSync, file: string): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (tryLock(lock)) return;
    // Uneven, so that those who wait do not keep meeting. Nothing tells a process that another one let go.
    await delay(5 + 30 * Math.random());
  }
  throw new Error(`${file} has been locked by another process for ten seconds. Is one of them paused? Stop it.`);
}

function tryLock(lock: DatabaseSync): boolean {
  try {
    // No journal file: nothing is ever written to this database.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
