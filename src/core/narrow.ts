import type { OversizeError } from './logs.ts';
import type { Opened } from './open.ts';
import { asking, type Run } from './run.ts';
import { halfSize } from './sizing.ts';
import type { Bar } from './table.ts';
import type { Window } from './window.ts';

/** So many bars show a burst well enough. */
const BARS = 64;

/**
 * The size to try after a window that was too much, always a smaller one: half of it. When the service cut the answer, one small query
 * first asks how the rows lie in the window, so that a burst costs one such answer and not one for each halving.
 * @param targetRows how many rows the next answer should have.
 */
export async function narrow(
  run: Run,
  opened: Opened,
  window: Window,
  cut: OversizeError,
  targetRows: number,
): Promise<number> {
  const lengthMs = window.endMs - window.startMs;
  if (cut.rows === 0 || lengthMs < BARS) return halfSize(window);
  const barMs = Math.ceil(lengthMs / BARS);
  try {
    const bars = await run.ports.table.bars(window, barMs, opened.look, asking(run));
    // The query may change the ingestion time: then its bars say nothing of the window.
    const isInWindow = ({ startMs }: Bar) => startMs > window.startMs - barMs && startMs < window.endMs;
    return bars.every(isInWindow) ? fittingSize(window, barMs, bars, targetRows) : halfSize(window);
  } catch (error) {
    // The query may drop the ingestion time, or Logs be busy: halving needs no help.
    run.ports.log.debug(`${run.options.name}: no histogram: ${error}`);
    return halfSize(window);
  }
}

/** How far from the window's start the bars add up to at most `targetRows`. Bars without rows are left out of `bars`. */
function fittingSize(window: Window, barMs: number, bars: readonly Bar[], targetRows: number): number {
  let total = 0;
  for (const bar of bars.toSorted((a, b) => a.startMs - b.startMs)) {
    total += bar.rows;
    if (total <= targetRows) continue;
    const sizeMs = bar.startMs - window.startMs;
    return sizeMs > 0 ? sizeMs : Math.max(1, Math.floor(Math.min(barMs, halfSize(window)) / 2));
  }
  return halfSize(window);
}
