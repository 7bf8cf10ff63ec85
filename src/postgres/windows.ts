import type { Log } from '../core/log.ts';
import { type Column, type Rows, resume } from '../core/rows.ts';
import type { PartKey } from '../core/sink.ts';
import { createTurns } from '../core/turns.ts';
import { formatIso } from '../core/window.ts';
import type { Database } from './connection.ts';
import { createDestinations } from './destination.ts';
import { createOpenWindow, type OpenWindow, type StagedPart } from './open-window.ts';

/** The windows that a run has staged and not committed. */
export function createWindows(database: Database, exportName: string, log: Log) {
  const open = new Map<string, OpenWindow>();
  const turns = createTurns();
  const prepare = createDestinations(database, exportName, log);

  /** In turn, so that nobody begins to use the table while someone waits to change it. */
  const enter = (key: PartKey, columns: readonly Column[]) =>
    turns.take(async () => {
      const destination = await prepare(columns, () => alone(key));
      return { destination, window: open.get(nameOf(key)) ?? (await begin(key)) };
    });

  async function begin(key: PartKey): Promise<OpenWindow> {
    const connection = await database.begin(0);
    const window = createOpenWindow(connection, key.window.startMs, () => open.delete(nameOf(key)));
    open.set(nameOf(key), window);
    return window;
  }

  /**
   * Resolves when no transaction of this run uses the table.
   * @throws when one does and goes on: to wait for it, in turn and with an answer held open, would keep out the very
   * windows that must be committed before it.
   */
  async function alone(key: PartKey): Promise<void> {
    const others = [...open.values()];
    if (others.some(({ startMs }) => startMs >= key.window.startMs)) {
      throw new Error('the columns have changed while later rows were on their way; the next run asks for them again');
    }
    if (others.some(({ isEnding }) => !isEnding)) {
      throw new Error('new columns are added when all earlier windows are committed; then this one is asked for again');
    }
    await Promise.all(others.map(({ ended }) => ended));
  }

  return {
    async stage(key: PartKey, { columns, batches }: Rows): Promise<StagedPart | undefined> {
      const iterator = batches[Symbol.asyncIterator]();
      const first = await iterator.next();
      if (first.done) return undefined;
      try {
        const { destination, window } = await enter(key, columns);
        const rows = { columns, batches: resume(first, iterator) };
        const part = await window.stage(exportName, key, destination, rows);
        if (part.replaced > 0) log.warn(`${exportName}: ${replacedText(part.replaced, key)}`);
        return part;
      } finally {
        await iterator.return?.();
      }
    },

    async discard(parts: readonly StagedPart[]): Promise<void> {
      for (const window of new Set(parts.map((part) => part.window))) await window.discard(new Set(parts));
    },

    /**
     * The window whose parts these are, with no others left in it; `undefined` without parts.
     * @throws when they are of several windows, or their transaction is over.
     */
    async windowOf(parts: readonly StagedPart[]): Promise<OpenWindow | undefined> {
      const [window, ...others] = new Set(parts.map((part) => part.window));
      if (window === undefined) return undefined;
      if (others.length > 0) throw new Error('found parts of several windows, expected one window in each commit');
      const unwanted = window.parts.filter((part) => !parts.includes(part));
      if (unwanted.length > 0) await window.discard(new Set(unwanted));
      if (parts.every((part) => window.parts.includes(part))) return window;
      throw new Error('the transaction that held the window is over; the next run asks for it again');
    },

    async close(): Promise<void> {
      for (const window of [...open.values()]) await window.discard(new Set(window.parts));
    },
  };
}

function nameOf({ window, isLate }: PartKey): string {
  return `${window.startMs}_${window.endMs}_${isLate === true}`;
}

function replacedText(replaced: number, { window }: PartKey): string {
  return (
    `${replaced} characters of the window from ${formatIso(window.startMs)} that PostgreSQL cannot hold, U+0000 or ` +
    'half a surrogate pair, became U+FFFD'
  );
}
