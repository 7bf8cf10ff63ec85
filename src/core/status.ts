import { readBackfills } from './backfill.ts';
import { completeUntil } from './claims.ts';
import { formatCount, formatDuration } from './human.ts';
import { traceOf } from './open.ts';
import { reasonOf } from './reason.ts';
import type { BackfillProgress, ExportOptions } from './run.ts';
import type { Claim, Holder, Part, Session, Sink, Verdict } from './sink.ts';
import { nameSource } from './source.ts';
import { cut, DAY_MS, dayOf, formatIso, MINUTE_MS } from './window.ts';

/** How far an export is, and what is wrong. Times in milliseconds since 1970. */
export interface ExportStatus {
  readonly export: string;
  /** `undefined` before the first run, and in a watermark that was made anew, or by an earlier version. */
  readonly exportedFromMs?: number | undefined;
  /** `undefined` before the first run. */
  readonly exportedUntilMs?: number | undefined;
  readonly lagMs?: number | undefined;
  /** Everything ingested before should have been exported by now. */
  readonly dueUntilMs: number;
  /** Everything ingested before is exported and recounted; `undefined` where nothing is recounted. */
  readonly completeUntilMs?: number | undefined;
  readonly lastPart?: Part | undefined;
  readonly backfills: readonly BackfillProgress[];
  /** What has not been recounted yet, of backfills too. */
  readonly claims: readonly Claim[];
  /** Of the days that were asked for, in no order. */
  readonly verdicts: readonly Verdict[];
  readonly problems: readonly string[];
}

/** What is expected of an export. */
export interface Expected extends Pick<ExportOptions, 'name' | 'lagMs' | 'auditMs'> {
  /** As `Position.source`. */
  readonly source: string;
  /** From one run to the next. */
  readonly intervalMs: number;
}

/** A run publishes within minutes of its commit. */
const PUBLISHING_MS = 15 * MINUTE_MS;
/** Runs that an export may miss before it counts as behind. */
const MISSED_LIMIT = 3;
/** Days whose verdicts are read at once. */
const DAYS_AT_ONCE = 5;

/**
 * Looks at the sink only, not at Logs.
 * @param days whose verdicts are read, today included: one read each.
 */
export async function readStatus(
  sink: Sink,
  expected: Expected,
  holder: Holder,
  nowMs: number,
  days = 0,
): Promise<ExportStatus> {
  const nothing: ExportStatus = {
    export: expected.name,
    dueUntilMs: nowMs - limitOf(expected),
    backfills: [],
    claims: [],
    verdicts: [],
    problems: [],
  };
  try {
    const [session, lastPart] = await Promise.all([sink.open(expected.name, holder), sink.newest(expected.name)]);
    if (session === undefined) {
      const trace = await traceOf(sink, expected.name);
      return { ...nothing, lastPart, problems: trace === undefined ? [] : [`the watermark is missing, but ${trace}`] };
    }
    const { exportedFromMs, exportedUntilMs } = session.position;
    const backfills = await readBackfills(sink, session.position, holder);
    const firstMs = Math.max(nowMs - (days - 1) * DAY_MS, exportedFromMs ?? 0);
    const { verdicts, damaged } = await readDays(sink, expected.name, firstMs, nowMs);
    return {
      ...nothing,
      exportedFromMs,
      exportedUntilMs,
      lagMs: nowMs - exportedUntilMs,
      completeUntilMs: expected.auditMs === 0 ? undefined : completeUntil(session.position),
      lastPart,
      backfills,
      claims: [...session.position.claims, ...backfills.flatMap(({ claims }) => claims)],
      verdicts,
      problems: [...problemsOf(session, expected, nowMs), ...damaged],
    };
  } catch (error) {
    return { ...nothing, problems: [reasonOf(error)] };
  }
}

/** A day that cannot be read is a problem, and no reason not to show the others. */
async function readDays(sink: Sink, name: string, firstMs: number, lastMs: number) {
  const days = cut({ startMs: dayOf(firstMs) * DAY_MS, endMs: lastMs + 1 }, DAY_MS);
  const verdicts: Verdict[] = [];
  const damaged: string[] = [];
  for (let at = 0; at < days.length; at += DAYS_AT_ONCE) {
    const some = days.slice(at, at + DAYS_AT_ONCE);
    for (const day of await Promise.allSettled(some.map(({ startMs }) => sink.verdicts(name, startMs)))) {
      if (day.status === 'fulfilled') verdicts.push(...day.value);
      else damaged.push(reasonOf(day.reason));
    }
  }
  return { verdicts, damaged };
}

function limitOf({ intervalMs, lagMs }: Expected): number {
  return MISSED_LIMIT * intervalMs + lagMs;
}

function* problemsOf({ position, unpublished }: Session, expected: Expected, nowMs: number): Generator<string> {
  const lagMs = nowMs - position.exportedUntilMs;
  if (position.source.toLowerCase() !== expected.source.toLowerCase())
    yield `belongs to ${nameSource(position.source)}`;
  if (unpublished.parts > 0 && nowMs - unpublished.sinceMs > PUBLISHING_MS) {
    yield `a run ended before it had published ${formatCount(unpublished.parts, 'part')}; the next run does`;
  }
  const limitMs = limitOf(expected);
  if (lagMs > limitMs) yield `is behind: more than ${formatDuration(limitMs)}`;
  if (lagMs < 0) yield `the watermark lies ${formatDuration(-lagMs)} in the future: nothing is exported until then`;
}

/** For machines: fields are only ever added. */
export function toRecord(state: ExportStatus): object {
  const time = (ms: number | undefined) => (ms === undefined ? undefined : formatIso(ms));
  const { export: name, lagMs, lastPart, problems } = state;
  return {
    export: name,
    watermark: time(state.exportedUntilMs),
    lagMs,
    lastPart,
    problems,
    completeUntil: time(state.completeUntilMs),
    backfills: state.backfills.map(({ id, fromMs, untilMs, exportedUntilMs }) => ({
      id,
      from: time(fromMs),
      until: time(untilMs),
      exportedUntil: time(exportedUntilMs),
    })),
  };
}
