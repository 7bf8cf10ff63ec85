import type { RunReport } from './run.ts';
import { formatIso } from './window.ts';

/**
 * What each run ends with, whatever its outcome, logged as one line of JSON. Alerts and the workbook (infra/kql) read it, so fields
 * are only ever added.
 */
export function toRecord(report: RunReport): object {
  const { export: name, runId, exportedFromMs, exportedUntilMs, lagMs, ...counts } = report;
  return {
    event: 'run',
    export: name,
    runId,
    exportedFrom: exportedFromMs === undefined ? undefined : formatIso(exportedFromMs),
    exportedUntil: exportedUntilMs === undefined ? undefined : formatIso(exportedUntilMs),
    lagSeconds: lagMs === undefined ? undefined : Math.round(lagMs / 1000),
    ...counts,
  };
}
