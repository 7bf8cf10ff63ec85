import { type BackfillRange, readBackfills } from './backfill.ts';
import { recountAsMany } from './recount.ts';
import { isRepaired } from './repair.ts';
import type { ExportOptions, Ports } from './run.ts';
import { sum } from './sum.ts';
import { cut, DAY_MS, type Window } from './window.ts';

/** What a backfill is going to ask for. */
export interface Survey {
  /** What has still to be exported. */
  readonly ranges: readonly Window[];
  /** The same day by day, without days before the oldest row, with the rows that Logs has now. */
  readonly days: readonly Day[];
  /** Whether Logs could count all of them in time. */
  readonly isCounted: boolean;
  /** Rows of the table that have no ingestion time, so that no window holds them. */
  readonly withoutTime: number;
  /** When the oldest row of the table was ingested; `undefined` when there is none. */
  readonly oldestMs: number | undefined;
}

/** A day, or what lies of it in a range. */
interface Day extends Window {
  readonly rows: number;
}

/** As long as a query may take. */
const QUERY_MS = 600_000;

/**
 * Counts what a backfill has still to export, what is listed already included. Changes nothing.
 * @throws when the sink or Logs cannot be asked.
 */
export async function surveyBackfill(
  ports: Ports,
  { name, lookbackMs }: Pick<ExportOptions, 'name' | 'lookbackMs'>,
  range: BackfillRange,
  signal: AbortSignal,
): Promise<Survey> {
  const holder = { runId: ports.newRunId(), log: ports.log };
  const position = (await ports.sink.open(name, holder))?.position;
  const listed = position === undefined ? [] : await readBackfills(ports.sink, position, holder);
  const beginMs = position?.exportedFromMs ?? range.untilMs ?? ports.clock.now() - lookbackMs;
  const ranges = [
    ...listed.map(({ exportedUntilMs, untilMs }) => ({ startMs: exportedUntilMs, endMs: untilMs })),
    ...(position !== undefined && (await isRepaired(ports.sink, position, range, holder))
      ? []
      : [{ startMs: range.fromMs, endMs: range.again ? (range.untilMs ?? 0) : beginMs }]),
  ].filter(({ startMs, endMs }) => startMs < endMs);
  const asking = { signal, timeoutMs: QUERY_MS };
  const oldestMs = ranges.length === 0 ? undefined : await ports.table.oldest(asking);
  const pieces = ranges.flatMap(({ startMs, endMs }) =>
    cut({ startMs: Math.max(startMs, Math.floor(oldestMs ?? endMs)), endMs }, DAY_MS),
  );
  return { ranges, oldestMs, ...(await count(ports, pieces, signal)) };
}

async function count(ports: Ports, pieces: readonly Window[], signal: AbortSignal) {
  const days: Day[] = [];
  let withoutTime = 0;
  if (pieces.length === 0) return { days, withoutTime, isCounted: true };
  const { value: look } = await ports.table.look({ signal, timeoutMs: QUERY_MS });
  while (days.length < pieces.length) {
    const rest = pieces.slice(days.length);
    const asking = () => ({ signal, timeoutMs: QUERY_MS });
    const answer = await recountAsMany(ports, rest, look, undefined, asking);
    if (answer === undefined) break;
    withoutTime = Math.max(withoutTime, answer.value.withoutTime);
    for (const [index, { rows }] of answer.value.tallies.entries()) {
      const piece = rest[index];
      if (piece !== undefined) days.push({ ...piece, rows });
    }
  }
  return { days, withoutTime, isCounted: days.length === pieces.length };
}

/** Which part of it is done, from 0 to 1, when each range, by its end, is exported until so far. */
export function shareDone({ ranges, days }: Survey, exportedUntil: ReadonlyMap<number, number>): number {
  const pieces =
    sum(days, ({ rows }) => rows) > 0 ? days : ranges.map((range) => ({ ...range, rows: range.endMs - range.startMs }));
  const endOf = (piece: Window) => ranges.find((range) => range.startMs <= piece.startMs && piece.endMs <= range.endMs);
  let [all, done] = [0, 0];
  for (const piece of pieces) {
    const untilMs = exportedUntil.get(endOf(piece)?.endMs ?? 0) ?? piece.startMs;
    const passedMs = Math.min(Math.max(untilMs - piece.startMs, 0), piece.endMs - piece.startMs);
    all += piece.rows;
    done += (piece.rows * passedMs) / (piece.endMs - piece.startMs);
  }
  return all === 0 ? 1 : done / all;
}
