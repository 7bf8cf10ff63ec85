import { formatBytes, formatCount, formatDuration, formatTotals } from '../core/human.ts';
import type { RunReport } from '../core/run.ts';
import { type Survey, shareDone } from '../core/survey.ts';

const BAR_WIDTH = 20;
const LINE_EVERY_MS = 30_000;

export type Progress = ReturnType<typeof createProgress>;

/** How far a backfill is, over several runs. Times are monotonic milliseconds. */
export function createProgress(name: string, survey: Survey, startedAtMs: number) {
  const exportedUntil = new Map<number, number>();
  let totals = { rows: 0, parts: 0, bytes: 0 };
  let lineAtMs = startedAtMs;
  const withReport = ({ rows, parts, bytes }: RunReport) => ({
    rows: totals.rows + rows,
    parts: totals.parts + parts,
    bytes: totals.bytes + bytes,
  });
  return {
    /** A run goes on. @returns the line that says how far all is. */
    note(report: RunReport, atMs: number): string {
      const { backfill } = report;
      if (backfill !== undefined) exportedUntil.set(backfill.untilMs, backfill.exportedUntilMs);
      const { rows, bytes } = withReport(report);
      const share = shareDone(survey, exportedUntil);
      const tookMs = Math.max(1, atMs - startedAtMs);
      const rate = Math.round((1000 * rows) / tookMs);
      const left = share > 0 ? `, ${formatDuration((tookMs * (1 - share)) / share)} left` : '';
      const bar = '#'.repeat(Math.floor(share * BAR_WIDTH)).padEnd(BAR_WIDTH, '.');
      const exported = `${formatCount(rows, 'row')}, ${formatBytes(bytes)}, ${rate} rows/s`;
      return `${name}: [${bar}] ${Math.floor(100 * share)} %, ${exported}${left}`;
    },
    /** A run has ended. */
    add(report: RunReport): void {
      totals = withReport(report);
    },
    /** Whether it is time to write a line where none can be replaced. */
    isLineDue(atMs: number): boolean {
      if (atMs - lineAtMs < LINE_EVERY_MS) return false;
      lineAtMs = atMs;
      return true;
    },
    /** What was exported in all. */
    summary(atMs: number): string {
      return `exported ${formatTotals(totals)}, took ${formatDuration(atMs - startedAtMs)}`;
    },
    get totals() {
      return totals;
    },
  };
}
