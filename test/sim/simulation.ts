import { setImmediate } from 'node:timers/promises';
import { RunError, runExport } from '../../src/core/exporter.ts';
import { createLake } from '../../src/core/lake/lake.ts';
import { readWatermark } from '../../src/core/lake/watermark.ts';
import type { ExportOptions, Ports, RunReport } from '../../src/core/run.ts';
import { openTable } from '../../src/core/table.ts';
import { formatIso } from '../../src/core/window.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { plainLines } from '../support/plain-lines.ts';
import { createFaultyStore, deliver, type StoreFaults } from './faulty-store.ts';
import { createRandom, type Random } from './random.ts';
import { createReader } from './reader.ts';
import { type Actor, createScheduler } from './scheduler.ts';
import { createSimulatedLogs, type LogsFaults, type Row } from './world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NAME = 'requests';

/** What one seed decides. */
interface Plan {
  readonly options: ExportOptions;
  readonly startMs: number;
  readonly endMs: number;
  readonly rows: readonly Row[];
  readonly rowsLimit: number;
  readonly tickMs: () => number;
  readonly runsAtOnce: number;
  readonly runEveryMs: number;
  /** Probabilities, per step. */
  readonly pause: number;
  readonly stop: number;
  readonly take: number;
  /** Largest error of a machine's clock, either way. */
  readonly skewMs: number;
  /** How far the machine of the first run is ahead. */
  readonly firstSkewMs: number;
  /** Probability, per step, that someone changes the ETag of a staged file, as a copy of the sink does. */
  readonly retag: number;
  /** Probability that a run has another workspace in its settings. */
  readonly stray: number;
  readonly keepsEtag: boolean;
  readonly store: StoreFaults;
  readonly logs: LogsFaults;
}

/** Far more runs than the quiet end needs: some export one small window each. */
const RUNS_LIMIT = 2_000;
/** Ids of another workspace's rows begin here. */
const STRAY_ID = 1_000_000;
const NO_STORE_FAULTS: StoreFaults = { crash: 0, fail: 0, loseReply: 0, retry: 0, delay: 0 };

export interface Outcome {
  readonly runs: number;
  readonly rows: number;
  readonly crashes: number;
  readonly steps: number;
}

/**
 * Plays one seed: runs race, crash, sleep and fail while telemetry arrives and a reader watches. Then the faults end, and
 * a few quiet runs must bring every row into the lake exactly once.
 * @throws at the first step after which a promise does not hold.
 */
export async function simulate(seed: number): Promise<Outcome> {
  const random = createRandom(seed);
  const plan = makePlan(random);
  const scheduler = createScheduler(random, plan.startMs, plan.tickMs);
  const store = createMemoryStore({ now: scheduler.nowMs, keepsEtag: plan.keepsEtag });
  const reader = createReader(store.files);
  const underway = { requests: [] };
  const active = new Set<Actor & { controller: AbortController }>();
  const totals = { runs: 0, crashes: 0, steps: 0, reported: 0 };
  let quiet = false;
  let lastError: unknown;
  let startMs: number | undefined;
  let watermarkMs = 0;

  function skewOf(isFirst: boolean): number {
    if (isFirst && plan.firstSkewMs > 0) return plan.firstSkewMs;
    return random.chance(0.6) ? 0 : random.between(-plan.skewMs, plan.skewMs);
  }

  function spawn(): void {
    totals.runs += 1;
    const controller = new AbortController();
    const actor = { name: `run${totals.runs}`, crashed: false, pausedUntilMs: 0, controller };
    active.add(actor);
    const skewMs = quiet ? 0 : skewOf(startMs === undefined);
    // Someone has changed the workspace in the settings: its rows must never get into this lake.
    const stray = !quiet && startMs !== undefined && random.chance(plan.stray);
    const rows = stray ? plan.rows.map((row) => ({ ...row, id: row.id + STRAY_ID })) : plan.rows;
    const logsFaults = quiet ? { ...plan.logs, fail: 0, slow: 0, breaks: 0, crash: 0, latencyMs: 0 } : plan.logs;
    const now = () => scheduler.nowMs() + skewMs;
    const faultyStore = createFaultyStore(
      store,
      random,
      scheduler,
      actor,
      quiet ? NO_STORE_FAULTS : plan.store,
      underway,
    );
    // Without a Date header the machine's clock counts, so it must be right there.
    const logs = createSimulatedLogs(rows, plan.rowsLimit, random, scheduler, actor, {
      ...logsFaults,
      noDate: skewMs > 0 ? 0 : logsFaults.noDate,
    });
    const ports: Ports = {
      sink: createLake({ store: faultyStore, format: plainLines, now }),
      table: openTable(logs, stray ? 'another' : 'workspace', { table: 'AppRequests', rest: '' }, now),
      log: { debug() {}, info() {}, warn() {}, error() {} },
      clock: { now, elapsed: () => scheduler.nowMs() - plan.startMs },
      newRunId: () => actor.name,
    };
    const finished = (report: RunReport) => {
      totals.reported += report.rows;
    };
    runExport(plan.options, ports, controller.signal)
      .then(finished, (error: unknown) => {
        if (!(error instanceof RunError)) throw error;
        lastError = error;
        finished(error.report);
      })
      .finally(() => active.delete(actor));
  }

  async function check(): Promise<void> {
    reader.look();
    if (Math.max(...reader.seen.keys()) >= STRAY_ID) throw new Error('rows of another workspace are in the lake');
    const { position } = (await readWatermark(store, NAME)) ?? {};
    if (position === undefined) return;
    if (position.exportedUntilMs < watermarkMs) throw new Error('the watermark has gone back');
    watermarkMs = position.exportedUntilMs;
    if (startMs === undefined && watermarkMs > scheduler.nowMs() - plan.options.lookbackMs) {
      throw new Error(`the export begins at ${formatIso(watermarkMs)}, later than the lookback`);
    }
    startMs ??= watermarkMs;
  }

  async function disturb(): Promise<void> {
    for (const actor of active) {
      if (random.chance(plan.pause)) actor.pausedUntilMs = scheduler.nowMs() + random.between(1, 180) * MINUTE_MS;
      if (random.chance(plan.stop)) actor.controller.abort(new Error('stopped'));
    }
    if (random.chance(0.1)) await deliver(underway, random);
    if (random.chance(plan.retag)) await retag();
    if (random.chance(plan.take)) {
      const path = reader.take(random);
      if (path !== undefined) await store.remove(path);
    }
  }

  /** Gives a staged file another ETag. */
  async function retag(): Promise<void> {
    const staged = [...store.files].filter(([path, { content }]) => path.endsWith('.staged') && content.length > 0);
    if (staged.length === 0) return;
    const [path, { content }] = random.pick(staged);
    await store.remove(path);
    await store.create(path, new Blob([content]).stream());
  }

  /** Does what the message of a run that fails for such a file says. */
  async function writeEtags(): Promise<void> {
    const path = `${NAME}/_watermark.json`;
    const found = await store.read(path);
    const file = found && JSON.parse(found.text);
    let isChanged = false;
    for (const part of file?.publishing ?? []) {
      const etag = (await store.stat(part.staged))?.etag;
      if (etag === undefined || etag === part.etag || (await store.stat(part.path)) !== undefined) continue;
      part.etag = etag;
      isChanged = true;
    }
    if (isChanged) await store.replace(path, JSON.stringify(file), found?.etag, `${NAME}/_staging/0-person/1.staged`);
  }

  async function stepOnce(): Promise<void> {
    totals.steps += 1;
    const stepped = await scheduler.step();
    for (const actor of active) {
      if (!actor.crashed) continue;
      active.delete(actor);
      totals.crashes += 1;
    }
    if (!stepped) scheduler.advance(random.between(1, plan.runEveryMs));
    await check();
  }

  let nextRunMs = plan.startMs;
  while (scheduler.nowMs() < plan.endMs) {
    const due = scheduler.nowMs() >= nextRunMs;
    if (due && active.size < plan.runsAtOnce) {
      spawn();
      nextRunMs = scheduler.nowMs() + (random.chance(0.3) ? 0 : random.between(1, plan.runEveryMs));
      await setImmediate();
    }
    await disturb();
    await stepOnce();
  }

  quiet = true;
  for (const actor of active) actor.crashed ||= random.chance(0.5);
  while (underway.requests.length > 0) await deliver(underway, random);
  scheduler.advance(plan.options.lagMs + HOUR_MS);
  const targetMs = scheduler.nowMs() - plan.options.lagMs - 2000;
  for (let run = 0; run < RUNS_LIMIT && (active.size > 0 || watermarkMs < targetMs || run < 3); run++) {
    if (active.size === 0) {
      await writeEtags();
      spawn();
    }
    for (let step = 0; step < 20_000 && active.size > 0; step++) await stepOnce();
    scheduler.advance(run < 3 ? 2 * HOUR_MS : 0); // something to commit, so that the sweep knows what is over
  }
  if (watermarkMs < targetMs)
    throw new Error(
      `the export does not come to the end: ${formatIso(watermarkMs)} instead of ${formatIso(targetMs)} after ${totals.runs} runs`,
      { cause: lastError },
    );
  for (const row of plan.rows) {
    if (row.ingestedMs >= (startMs ?? 0) && !reader.seen.has(row.id))
      throw new Error(`row ${row.id}, ingested ${formatIso(row.ingestedMs)}, is lost`);
  }
  if (totals.reported > reader.seen.size) {
    throw new Error(`the runs report ${totals.reported} rows, but the lake has ${reader.seen.size}`);
  }
  const left = [...store.files.keys()].filter((path) => path.includes('/_staging/'));
  if (left.length > 0) throw new Error(`left in staging: ${left.join(', ')}`);
  return { ...totals, rows: reader.seen.size };
}

function makePlan(random: Random): Plan {
  const gridMs = random.pick([1, 250, 1000, MINUTE_MS]);
  const startMs = Date.UTC(2026, 10, 22, random.between(0, 23), random.pick([0, 5, 37, 55]));
  // Few runs that sleep for hours: what they staged is old when they wake up.
  const sleepy = random.chance(0.1);
  const endMs = startMs + (sleepy ? 24 * HOUR_MS : random.between(20, 240) * MINUTE_MS);
  const lagMs = random.pick([1, 2, 5]) * MINUTE_MS;
  const lookbackMs = random.pick([30, 60, 180]) * MINUTE_MS;
  const intensity = random.pick([0, 0.02, 0.05, 0.15]);
  const fault = () => (random.chance(0.6) ? (random.chance(0.1) ? 0.4 : intensity) * random.next() : 0);
  return {
    options: {
      name: NAME,
      lagMs,
      lookbackMs,
      windowMs: random.pick([1, 2, 5, 7, 13, 30, 60]) * MINUTE_MS,
      budgetMs: random.pick([10, 60, 240]) * 1000,
    },
    startMs,
    endMs,
    rows: makeRows(random, { startMs, endMs, gridMs, lagMs }),
    rowsLimit: random.between(3, 20),
    tickMs: random.pick([() => 0, () => gridMs % MINUTE_MS, () => random.between(0, 5000)]),
    runsAtOnce: sleepy ? 3 : random.pick([1, 2, 2, 3]),
    runEveryMs: (sleepy ? 120 : random.pick([1, 5, 20])) * MINUTE_MS,
    pause: sleepy ? 0.1 : random.chance(0.5) ? 0.05 * random.next() : 0,
    stop: random.chance(0.3) ? 0.02 * random.next() : 0,
    take: random.chance(0.5) ? random.pick([0.1, 0.5]) * random.next() : 0,
    skewMs: random.pick([0, 1, 10]) * MINUTE_MS,
    firstSkewMs: random.chance(0.1) ? 5 * HOUR_MS : 0,
    retag: random.chance(0.2) ? 0.05 * random.next() : 0,
    stray: random.chance(0.1) ? 0.2 : 0,
    keepsEtag: random.chance(0.7),
    store: { crash: sleepy ? 0.1 : fault(), fail: fault(), loseReply: fault(), retry: fault(), delay: fault() },
    logs: {
      fail: fault(),
      slow: fault(),
      breaks: fault() * 3,
      crash: fault(),
      noDate: random.pick([0, 0, 0.5]),
      latencyMs: random.pick([0, 20_000, 240_000]),
    },
  };
}

/** Rows on the grid, so that many share a time and many lie exactly on a window's edge; some hours have a burst. */
function makeRows(random: Random, span: { startMs: number; endMs: number; gridMs: number; lagMs: number }): Row[] {
  const rows: Row[] = [];
  const ticks = Math.floor((span.endMs - span.startMs) / span.gridMs);
  const count = random.pick([0, 10, 40, 80, 160]);
  while (rows.length < count) {
    const ingestedMs = span.startMs + random.between(0, ticks) * span.gridMs;
    for (let same = random.chance(0.1) ? random.between(5, 40) : 1; same > 0; same--) {
      const delayMs = random.chance(0.5) ? 0 : random.between(0, span.lagMs);
      rows.push({ id: rows.length, ingestedMs, visibleMs: ingestedMs + delayMs });
    }
  }
  return rows;
}
