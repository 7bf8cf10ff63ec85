import type { RunReport } from './run.ts';
import { formatIso } from './window.ts';

/** What each run begins with, likewise: one that the host cuts off says nothing more, and is told by that. */
export function toBeginning({ export: name, runId }: RunReport): object {
  return { event: 'began', export: name, runId };
}

/**
 * What each run ends with, whatever its outcome, logged as one line of JSON. Alerts and the workbook (infra/kql) read it, so fields
 * are only ever added. `exportedUntil` and the lag are the live export's: a run that only works a backfill off has none.
 */
export function toRecord(report: RunReport): object {
  const { export: name, runId, exportedFromMs, exportedUntilMs, lagMs, ...more } = report;
  const { completeUntilMs, audited, backfill, ...counts } = more;
  return {
    event: 'run',
    export: name,
    runId,
    exportedFrom: timeOf(exportedFromMs),
    exportedUntil: timeOf(exportedUntilMs),
    lagSeconds: lagMs === undefined ? undefined : Math.round(lagMs / 1000),
    ...counts,
    completeUntil: timeOf(completeUntilMs),
    auditedComplete: audited.complete,
    auditedFewer: audited.fewer,
    auditedTaken: audited.taken,
    auditedLate: audited.late,
    backfillId: backfill?.id,
    backfillFrom: timeOf(backfill?.fromMs),
    backfillUntil: timeOf(backfill?.untilMs),
    backfillExportedUntil: timeOf(backfill?.exportedUntilMs),
  };
}

function timeOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : formatIso(ms);
}
