import { readBackfills } from './backfill.ts';
import { formatDuration } from './human.ts';
import { reasonOf } from './reason.ts';
import type { BackfillProgress } from './run.ts';
import type { Holder, Part, Sink } from './sink.ts';
import { MINUTE_MS } from './window.ts';

/** How far an export is, and what is wrong. Times in milliseconds since 1970. */
export interface ExportStatus {
  readonly export: string;
  /** `undefined` before the first run. */
  readonly exportedUntilMs: number | undefined;
  readonly lagMs: number | undefined;
  readonly lastPart: Part | undefined;
  /** Those that are not finished. */
  readonly backfills: readonly BackfillProgress[];
  readonly problems: readonly string[];
}

/** What is expected of an export. */
export interface Expected {
  readonly name: string;
  /** The workspace id. */
  readonly source: string;
  /** From one run to the next. */
  readonly intervalMs: number;
  readonly lagMs: number;
}

/** A run publishes within minutes of its commit. */
const PUBLISHING_MS = 15 * MINUTE_MS;
/** Runs that an export may miss before it counts as behind. */
const MISSED_LIMIT = 3;

/** Looks at the sink only, not at Logs. */
export async function readStatus(sink: Sink, expected: Expected, holder: Holder, nowMs: number): Promise<ExportStatus> {
  const nothing = {
    export: expected.name,
    exportedUntilMs: undefined,
    lagMs: undefined,
    lastPart: undefined,
    backfills: [],
  };
  try {
    const [session, lastPart] = await Promise.all([sink.open(expected.name, holder), sink.newest(expected.name)]);
    if (session === undefined) {
      const problems = lastPart === undefined ? [] : ['there are parts, but no watermark: see the next run'];
      return { ...nothing, lastPart, problems };
    }
    const { exportedUntilMs } = session.position;
    const lagMs = nowMs - exportedUntilMs;
    const problems = [...problemsOf(session, expected, lagMs, nowMs)];
    const backfills = await readBackfills(sink, session.position, holder);
    return { export: expected.name, exportedUntilMs, lagMs, lastPart, backfills, problems };
  } catch (error) {
    return { ...nothing, problems: [reasonOf(error)] };
  }
}

function* problemsOf(
  { position, unpublished }: { position: { source: string }; unpublished: { parts: number; sinceMs: number } },
  { source, intervalMs, lagMs: settledMs }: Expected,
  lagMs: number,
  nowMs: number,
): Generator<string> {
  if (position.source.toLowerCase() !== source.toLowerCase()) yield `belongs to workspace ${position.source}`;
  if (unpublished.parts > 0 && nowMs - unpublished.sinceMs > PUBLISHING_MS) {
    yield `a run ended before it had published ${unpublished.parts} parts; the next run does`;
  }
  const limitMs = MISSED_LIMIT * intervalMs + settledMs;
  if (lagMs > limitMs) yield `is behind: more than ${formatDuration(limitMs)}`;
  if (lagMs < 0) yield `the watermark lies ${formatDuration(-lagMs)} in the future: nothing is exported until then`;
}
