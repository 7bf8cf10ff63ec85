import { askRows } from './ask.ts';
import { histogramQuery } from './kql/query.ts';
import type { OversizeError } from './logs.ts';
import type { Run } from './run.ts';
import { halfSize } from './sizing.ts';
import type { Window } from './window.ts';

/** So many bars show a burst well enough. */
const BARS = 64;

/**
 * The size to try after a window that was too much: half of it. When the answer was cut, one small query first asks how
 * the rows lie in the window, so that a burst costs one such answer and not one for each halving.
 */
export async function narrow(run: Run, window: Window, cut: OversizeError): Promise<number> {
  const lengthMs = window.endMs - window.startMs;
  if (cut.rows === 0 || lengthMs < BARS) return halfSize(window);
  const barMs = Math.ceil(lengthMs / BARS);
  try {
    const { rows } = await askRows(run, histogramQuery(run.options.query, window, barMs), window);
    return fittingSize(window, barMs, rows, run.targets.rows);
  } catch (error) {
    // The query may drop the ingestion time, or Logs be busy: halving needs no help.
    run.ports.log.debug(`${run.options.name}: no histogram: ${error}`);
    return halfSize(window);
  }
}

/** How far from the window's start the bars add up to at most `targetRows`. Bars without rows are left out of `rows`. */
function fittingSize(
  window: Window,
  barMs: number,
  rows: readonly Record<string, unknown>[],
  targetRows: number,
): number {
  const bars = rows.map((row) => ({ startMs: Date.parse(String(row.Start)), rows: Number(row.Rows) }));
  bars.sort((a, b) => a.startMs - b.startMs);
  let total = 0;
  for (const bar of bars) {
    total += bar.rows;
    if (total <= targetRows) continue;
    const sizeMs = bar.startMs - window.startMs;
    return sizeMs > 0 ? sizeMs : Math.max(1, Math.floor(Math.min(barMs, halfSize(window)) / 2));
  }
  return halfSize(window);
}
