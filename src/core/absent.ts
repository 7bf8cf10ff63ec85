import { createExported, type Exported } from './late.ts';
import { OversizeError } from './logs.ts';
import type { Ports } from './run.ts';
import type { Look, Part } from './sink.ts';
import { halvesOf } from './sizing.ts';
import type { Asking } from './table.ts';
import { type Tap, tapRows } from './tally.ts';
import type { Window } from './window.ts';

/**
 * How many rows Logs has in a window that are in none of the parts, each as often as it is there. `undefined` when a
 * millisecond of it has too many rows for one answer.
 */
export async function countAbsent(
  { table, sink, keys }: Pick<Ports, 'table' | 'sink' | 'keys'>,
  window: Window,
  parts: readonly Part[],
  look: Look,
  itemId: string,
  asking: Asking,
): Promise<number | undefined> {
  const exported = createExported(keys);
  for (const part of parts) await exported.add((await sink.read(part, itemId)) ?? []);
  let left: Exported = exported.finish();
  let absent = 0;
  const windows = [window];
  for (let next = windows.shift(); next !== undefined; next = windows.shift()) {
    let match = left.match();
    let tap: Tap | undefined;
    try {
      await table.rows({ window: next }, look, asking, async (rows) => {
        match = left.match(); // an earlier attempt's counts no more
        tap = tapRows(rows, itemId, keys, match.isNew);
        for await (const _ of tap.rows.batches);
      });
    } catch (error) {
      if (!(error instanceof OversizeError)) throw error;
      if (next.endMs - next.startMs === 1) return undefined;
      windows.unshift(...halvesOf(next));
      continue;
    }
    left = match.left();
    absent += tap?.tally?.rows ?? 0;
  }
  return absent;
}
