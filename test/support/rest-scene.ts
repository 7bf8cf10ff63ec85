import type { Compression } from '../../src/core/formats/compress.ts';
import { createLines } from '../../src/core/formats/lines.ts';
import { createLake } from '../../src/core/lake/lake.ts';
import type { Store } from '../../src/core/lake/store.ts';
import type { Holder, PartKey, Session } from '../../src/core/sink.ts';
import { createDelivery, type RestOptions } from '../../src/rest/delivery.ts';
import { firstPosition } from './first-position.ts';
import { toRows } from './rows.ts';

const START_MS = Date.UTC(2026, 10, 22, 14, 5);
export const WINDOW = { startMs: START_MS, endMs: START_MS + 60_000 };
/** What the keys of that window begin with. */
export const KEY = 'requests/20261122T140500.000Z_20261122T140600.000Z';

const POSITION = firstPosition(START_MS);

let runs = 0;

/** Sessions over a store whose parts are posted. */
export function openScene(store: Store, rest: RestOptions, compression: Compression = 'gzip') {
  const delivery = createDelivery({ delayMs: 1, ...rest });
  const messages: string[] = [];
  const note = (message: string) => void messages.push(message);
  const log = { debug: note, info: note, warn: note, error: note };
  const sink = createLake({ store, format: createLines(compression), now: Date.now, delivery });
  async function open(more: Partial<Holder> = {}): Promise<Session> {
    const holder = { runId: `run${++runs}`, log, ...more };
    await sink.begin('requests', POSITION, holder);
    const session = await sink.open('requests', holder);
    if (session === undefined) throw new Error('nothing has begun');
    return session;
  }
  return {
    sink,
    messages,
    open,
    /** Commits the rows as parts of one window, and leaves it to the caller to publish. */
    async commit(parts: readonly (readonly object[])[], more: Partial<Holder> = {}): Promise<Session> {
      const session = await open(more);
      const staged = [];
      for (const [index, rows] of parts.entries()) {
        const bucket = parts.length > 1 ? { index, of: parts.length } : undefined;
        const key: PartKey = { window: WINDOW, bucket };
        const part = await session.stage(key, toRows(rows));
        if (part !== undefined) staged.push(part);
      }
      await session.commit({ ...POSITION, exportedUntilMs: WINDOW.endMs }, staged);
      return session;
    },
  };
}

/** Rows of about `bytes` each. */
export function rowsOf(count: number, bytes = 10): { Id: string; Text: string }[] {
  return Array.from({ length: count }, (_, index) => ({ Id: `r${index}`, Text: 'x'.repeat(bytes) }));
}
