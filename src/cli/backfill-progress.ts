import { formatBytes, formatCount, formatDuration } from '../core/human.ts';
import type { RunReport } from '../core/run.ts';
import { type Survey, shareDone } from '../core/survey.ts';

/** How far a backfill is, over several runs. Times are monotonic milliseconds. */
export interface Progress {
  /** A run goes on. @returns the line that says how far all is. */
  note(report: RunReport, atMs: number): string;
  /** A run has ended. */
  add(report: RunReport): void;
  /** Whether it is time to write a line where none can be replaced. */
  isLineDue(atMs: number): boolean;
  /** What was exported in all. */
  summary(atMs: number): string;
  readonly totals: { readonly rows: number; readonly parts: number; readonly bytes: number };
}

const BAR_WIDTH = 20;
const LINE_EVERY_MS = 30_000;

export function createProgress(name: string, survey: Survey, startedAtMs: number): Progress {
  const exportedUntil = new Map<number, number>();
  let ended = { rows: 0, parts: 0, bytes: 0 };
  let lineAtMs = startedAtMs;
  const withReport = ({ rows, parts, bytes }: RunReport) => ({
    rows: ended.rows + rows,
    parts: ended.parts + parts,
    bytes: ended.bytes + bytes,
  });
  return {
    note(report, atMs) {
      const { backfill } = report;
      if (backfill !== undefined) exportedUntil.set(backfill.untilMs, backfill.exportedUntilMs);
      const { rows, bytes } = withReport(report);
      const share = shareDone(survey, exportedUntil);
      const tookMs = Math.max(1, atMs - startedAtMs);
      const rate = Math.round((1000 * rows) / tookMs);
      const left = share > 0 ? `, ${formatDuration((tookMs * (1 - share)) / share)} left` : '';
      const filled = Math.floor(share * BAR_WIDTH);
      const bar = `${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}`;
      return `${name}: [${bar}] ${Math.floor(100 * share)} %, ${formatCount(rows, 'row')}, ${formatBytes(bytes)}, ${rate} rows/s${left}`;
    },
    add(report) {
      ended = withReport(report);
    },
    isLineDue(atMs) {
      if (atMs - lineAtMs < LINE_EVERY_MS) return false;
      lineAtMs = atMs;
      return true;
    },
    summary: (atMs) =>
      `exported ${formatCount(ended.rows, 'row')} in ${formatCount(ended.parts, 'part')} (${formatBytes(ended.bytes)}), took ${formatDuration(atMs - startedAtMs)}`,
    get totals() {
      return ended;
    },
  };
}
