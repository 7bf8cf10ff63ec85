import type { Claim, Verdict } from '../../src/core/sink.ts';
import type { ExportStatus } from '../../src/core/status.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/window.ts';

export const NOW_MS = Date.parse('2026-11-22T14:23:00.000Z');

/** A status that nothing is wrong with: lag 6 minutes, the last six hours open. */
export function statusOf(changes: Partial<ExportStatus> = {}): ExportStatus {
  const exportedUntilMs = 'exportedUntilMs' in changes ? changes.exportedUntilMs : NOW_MS - 6 * MINUTE_MS;
  return {
    export: 'requests',
    exportedFromMs: NOW_MS - 30 * DAY_MS,
    exportedUntilMs,
    lagMs: exportedUntilMs && NOW_MS - exportedUntilMs,
    dueUntilMs: NOW_MS - 20 * MINUTE_MS,
    completeUntilMs: NOW_MS - 7 * HOUR_MS,
    lastPart: undefined,
    backfills: [],
    claims: [],
    verdicts: [],
    problems: [],
    ...changes,
  };
}

export function claimOf(fromMs: number, changes: Partial<Claim> = {}): Claim {
  const rows = changes.rows ?? 1000;
  const hash = { xor: '0123456789abcdef', sum: 1n };
  return { fromMs, untilMs: fromMs + HOUR_MS, rows, bytes: 120 * rows, late: 0, ...hash, ...changes };
}

export function verdictOf(fromMs: number, changes: Partial<Verdict> = {}): Verdict {
  const claim = claimOf(fromMs, changes);
  return { ...claim, verdict: 'complete', counted: claim.rows, atMs: fromMs + 7 * HOUR_MS, ...changes };
}

/** Exports in every state that there is, as a busy installation would have them after months. */
export function variedStatuses(): ExportStatus[] {
  const hour = Math.floor(NOW_MS / HOUR_MS) * HOUR_MS;
  const begun = NOW_MS - 64 * DAY_MS;
  return [
    statusOf({ ...history(hour, begun, 9_000), exportedFromMs: begun, lastPart: partOf('requests', 5_321) }),
    statusOf({ export: 'dependencies', ...history(hour, begun, 41_000), lastPart: partOf('dependencies', 21_004) }),
    statusOf({
      export: 'exceptions',
      ...history(hour, begun, 40, 6),
      lagMs: 6.5 * HOUR_MS,
      exportedUntilMs: NOW_MS - 6.5 * HOUR_MS,
      completeUntilMs: hour - 13 * HOUR_MS,
      problems: ['is behind: more than 20 min 0 s', 'a run ended before it had published 2 parts; the next run does'],
    }),
    statusOf({
      export: 'traces',
      ...history(hour, NOW_MS - 9 * DAY_MS, 250_000),
      exportedFromMs: NOW_MS - 20 * DAY_MS,
      backfills: [{ id: 'b', fromMs: begun, untilMs: hour - 9 * DAY_MS, exportedUntilMs: hour - 15 * DAY_MS }],
    }),
    statusOf({
      export: 'pageViews',
      exportedFromMs: undefined,
      exportedUntilMs: undefined,
      completeUntilMs: undefined,
    }),
    statusOf({ export: 'aVeryLongNameOfAnExportThatIsFortyOneChar', exportedFromMs: NOW_MS - 2 * DAY_MS }),
    statusOf({ export: 'customEvents', ...nothingLate(hour, begun) }),
  ];
}

function partOf(name: string, rows: number) {
  const path = `${name}/y=2026/m=11/d=22/h=14/20261122T141000.000Z_20261122T141500.000Z_${rows}.jsonl.gz`;
  const [startMs, endMs] = [NOW_MS - 11 * MINUTE_MS, NOW_MS - 6 * MINUTE_MS];
  return { path, rows, bytes: 57 * rows, startMs, endMs, isLate: false };
}

/** Verdicts with a rhythm of days, and every kind of finding now and then; the same each time. */
function history(hour: number, begunMs: number, usual: number, behindHours = 0) {
  const untilMs = hour - behindHours * HOUR_MS;
  const openMs = untilMs - 6 * HOUR_MS;
  const verdicts: Verdict[] = [];
  for (let atMs = Math.ceil(begunMs / HOUR_MS) * HOUR_MS, index = 0; atMs < openMs; atMs += HOUR_MS, index++) {
    const wave = 1 + 0.8 * Math.sin(((atMs % DAY_MS) / DAY_MS - 0.3) * 2 * Math.PI);
    const rows = index % 97 === 40 ? 0 : Math.round(usual * wave * (1 + 0.1 * Math.sin(index * 7)));
    // Exported after an outage, when all had settled: no verdict.
    if (index % 411 > 400) continue;
    const late = index % 53 === 17 ? 1 + Math.floor(rows / 500) : 0;
    const verdict = index % 607 === 550 ? 'fewer' : index % 801 === 620 ? 'taken' : 'complete';
    verdicts.push(verdictOf(atMs, { rows, late, verdict, counted: verdict === 'complete' ? rows : rows >> 1 }));
  }
  const claims: Claim[] = [];
  for (let atMs = openMs; atMs < untilMs; atMs += HOUR_MS) claims.push(claimOf(atMs, { rows: usual }));
  return { verdicts, claims };
}

function nothingLate(hour: number, begunMs: number) {
  const { verdicts, claims } = history(hour, begunMs, 700);
  return { verdicts: verdicts.map((each) => ({ ...each, verdict: 'complete' as const, late: 0 })), claims };
}
