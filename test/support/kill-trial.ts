import { setTimeout as delay } from 'node:timers/promises';
import { formatCompact } from '../../src/core/window.ts';
import { type LogsEmulator, startLogsEmulator } from '../../src/local/logs/emulator.ts';
import { createRandom, type Random } from '../sim/random.ts';
import { AT_ONCE, backfillOf, finish } from './kill-finish.ts';
import { createMoments, type Moments } from './kill-moments.ts';
import { type Past, startPast } from './kill-past.ts';
import { createReader, type Reader } from './kill-reader.ts';
import { createRuns, type EndedRun, type Runs, type StartedRun } from './kill-runs.ts';
import { SINKS, type Sink } from './kill-sink.ts';
import { countRun, createTally, type Tally } from './kill-tally.ts';
import { startTelemetry } from './kill-telemetry.ts';
import { verify } from './kill-verify.ts';
import { readWatermark, type SeenWatermark } from './kill-watermark.ts';

export interface TrialOptions {
  /** The folder of the built app. */
  readonly app: string;
  readonly sink: keyof typeof SINKS;
  /** So many processes are killed, or a few more. */
  readonly kills: number;
  readonly seed: number;
}

const EXPORT = 'requests';
/** Logs' clock is ahead of this machine's, so that without a lag rows have some time to become visible. */
const LOGS_AHEAD_MS = 2_000;
/** The processes that race. Their parts differ in name, so that equal names hide no row that is exported twice. */
const RACERS = ['gzip', 'none'] as const;
type Racer = (typeof RACERS)[number];
const EXTENSIONS = { gzip: '.gz', none: '.jsonl' } as const;
/** How often a backfill is started in place of a run. */
const BACKFILL_CHANCE = 0.25;
/** While rows are late hours are not recounted; then all of them are, at once. */
const AUDIT_HOURS = { whileLate: '6', afterwards: AT_ONCE };
/** How often a kill takes both processes at once, as a power cut does. */
const BOTH_CHANCE = 0.25;
/** So many runs are killed as soon as a commit is seen, if the clock has not killed them before. */
const AIMED_SHARE = 0.4;
const AIM_PAUSE_MS = 10;
const LOOK_PAUSE_MS = 100;

interface Trial {
  readonly options: TrialOptions;
  readonly logs: LogsEmulator;
  readonly sink: Sink;
  readonly runs: Runs;
  readonly reader: Reader;
  readonly tally: Tally;
  readonly moments: Moments;
  readonly endedRunIds: Set<string>;
  /** Aborted when half of the kills are done: no row is late any more. */
  readonly punctual: AbortController;
  /** Aborted when something is wrong, or when this process is to stop. */
  readonly failed: AbortController;
}

/**
 * Lets two processes export what keeps arriving, kills them at random moments, lets the last run end in peace, and looks
 * whether each row is in the sink once. Ends its processes, however it ends itself. Time is real: a seed gives the same
 * choices again, not the same history.
 * @throws with the seed and the last events.
 */
export async function runTrial(options: TrialOptions): Promise<Tally> {
  const tally = createTally();
  const failed = new AbortController();
  const stop = (name: string) => failed.abort(new Error(`stopped by ${name}`));
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const logs = await startLogsEmulator({
      now: () => Date.now() + LOGS_AHEAD_MS,
      limits: { requests: Number.POSITIVE_INFINITY },
    });
    const sink = await SINKS[options.sink](options.seed).catch(async (error) => {
      await logs.close();
      throw error;
    });
    try {
      await play(prepare(options, logs, sink, tally, failed));
    } finally {
      await sink.close();
      await logs.close();
    }
    return tally;
  } catch (cause) {
    const replay = `npm run kill -- --sink ${options.sink} --kills ${options.kills} --seed ${options.seed}`;
    throw new Error(`${replay}: ${cause}\nThe last events:\n${tally.events.slice(-30).join('\n')}`, { cause });
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

function prepare(options: TrialOptions, logs: LogsEmulator, sink: Sink, tally: Tally, failed: AbortController): Trial {
  const runs = createRuns(options.app, EXPORT, {
    APPINSIGHTS_WORKSPACE_ID: logs.workspaceId,
    LOGS_ENDPOINT: logs.endpoint,
    SINK_URL: sink.url,
    ...sink.settings,
    EXPORTS: EXPORT,
    EXPORT_LAG_MINUTES: '0',
    EXPORT_LOOKBACK_HOURS: '1',
  });
  const reader = createReader(sink, EXPORT, createRandom(options.seed + 1));
  return {
    options,
    logs,
    sink,
    runs,
    reader,
    tally,
    moments: createMoments(),
    endedRunIds: new Set(),
    punctual: new AbortController(),
    failed,
  };
}

async function play(trial: Trial): Promise<void> {
  const { options, logs, sink, runs, reader, tally, failed } = trial;
  const arrived = new AbortController();
  const finished = new AbortController();
  const guard = (work: Promise<void>) => work.catch((error) => failed.abort(error));
  failed.signal.addEventListener('abort', runs.killAll);
  const either = (end: AbortController) => AbortSignal.any([end.signal, failed.signal]);
  const telemetry = startTelemetry(logs, createRandom(options.seed + 2), either(arrived));
  const arriving = guard(telemetry.ended);
  const watching = guard(watch(reader, either(finished)));
  if (sink.isOneWay) trial.punctual.abort();
  const past = await startPast(logs, createRandom(options.seed + 5), either(trial.punctual));
  const late = { isOver: false };
  const becomingVisible = guard(
    past.ended.finally(() => {
      late.isOver = true;
    }),
  );
  const racing = RACERS.map((racer, index) =>
    guard(race(trial, racer, createRandom(options.seed + 3 + index), past, late)),
  );
  await Promise.all(racing);
  arrived.abort();
  trial.punctual.abort();
  await Promise.all([arriving, becomingVisible]);
  if (!failed.signal.aborted) await guard(finish(trial, EXPORT, past, (name, run) => count(trial, name, run)));
  finished.abort();
  await watching;
  failed.signal.throwIfAborted();
  tally.lateRows = past.late();
  const ids = new Set([...telemetry.ids, ...past.ids]);
  await verify(sink, EXPORT, reader, ids, trial.endedRunIds, tally);
}

/** Runs the export again and again, and kills it. */
async function race(
  trial: Trial,
  racer: Racer,
  random: Random,
  past: Past,
  late: { readonly isOver: boolean },
): Promise<void> {
  const { options, sink, runs, tally, moments, failed } = trial;
  while (tally.kills < options.kills && !failed.signal.aborted) {
    const EXPORT_AUDIT_HOURS = late.isOver ? AUDIT_HOURS.afterwards : AUDIT_HOURS.whileLate;
    const args = random.chance(BACKFILL_CHANCE) ? backfillOf(past) : undefined;
    const env = { EXPORT_AUDIT_HOURS, ...(sink.isDatabase ? undefined : { EXPORT_COMPRESSION: racer }) };
    const run = runs.start(env, args);
    const kill = random.chance(BOTH_CHANCE) ? runs.killAll : run.kill;
    const timer = setTimeout(kill, moments.pick(random));
    const over = new AbortController();
    const ending = run.ended.finally(() => over.abort());
    const aiming = random.chance(AIMED_SHARE) ? killAfterCommit(trial, racer, run, over.signal) : undefined;
    const [ended] = await Promise.all([ending, aiming]);
    clearTimeout(timer);
    count(trial, racer, ended);
    if (tally.kills >= options.kills / 2) trial.punctual.abort();
    if (ended.wasKilled) await lookForUnpublished(trial, racer, ended.startedAtMs);
  }
}

/**
 * Kills the run as soon as a commit of its own is seen, most likely before it has published all of it; in a database, where
 * a commit is all, as soon as a transaction is seen.
 */
async function killAfterCommit(trial: Trial, racer: Racer, run: StartedRun, end: AbortSignal): Promise<void> {
  const { sink, tally } = trial;
  while (!end.aborted) {
    const isWriting = (await sink.isWriting?.()) === true;
    if (isWriting && !end.aborted) tally.left.writing += 1;
    if (isWriting || (await readPublishing(sink, racer, run.startedAtMs)).length > 0) return run.kill();
    await delay(AIM_PAUSE_MS, undefined, { signal: end }).catch(() => undefined);
  }
}

/** Whether the killed run has committed parts, and whether one of them is still to be published. */
async function lookForUnpublished({ sink, tally }: Trial, racer: Racer, startedAtMs: number): Promise<void> {
  const listed = await readPublishing(sink, racer, startedAtMs);
  if (listed.length === 0) return;
  const there = new Set((await sink.list(EXPORT)).map(({ path }) => path));
  // Blocks cannot be seen.
  const isLeft = listed.some(({ staged, path }) => (staged === undefined ? !there.has(path) : there.has(staged)));
  tally.left[isLeft ? 'publishing' : 'published'] += 1;
}

/** What the watermark lists, if it was written by this racer's run that started then: known by its parts' names. */
async function readPublishing(sink: Sink, racer: Racer, startedAtMs: number): Promise<SeenWatermark['publishing']> {
  const watermark = await readWatermark(sink, EXPORT);
  if (watermark === undefined || watermark.runId < formatCompact(startedAtMs)) return [];
  return watermark.publishing.filter(({ path }) => path.endsWith(EXTENSIONS[racer]));
}

function count({ tally, moments, endedRunIds }: Trial, name: string, run: EndedRun): void {
  countRun(tally, name, run);
  moments.learn(run);
  if (run.report !== undefined) endedRunIds.add(run.report.runId);
}

async function watch(reader: Reader, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    await reader.look();
    await delay(LOOK_PAUSE_MS, undefined, { signal: end }).catch(() => undefined);
  }
}
