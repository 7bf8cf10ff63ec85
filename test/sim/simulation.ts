import { RunError, runBackfill, runExport } from '../../src/core/exporter.ts';
import { readWatermark } from '../../src/core/lake/watermark.ts';
import type { Ports, RunReport } from '../../src/core/run.ts';
import { openTable } from '../../src/core/table.ts';
import { openKeys } from '../../src/core/tally.ts';
import { formatIso } from '../../src/core/window.ts';
import { endsEarly, QUIET_BUDGET_MS } from './early.ts';
import { deliver, NO_STORE_FAULTS } from './faults.ts';
import { judge } from './judge.ts';
import { type Lost, loseTwice } from './lose-twice.ts';
import { losePart, setBack, writeEtags } from './people.ts';
import { HOUR_MS, MINUTE_MS, makePlan, NAME } from './plan.ts';
import { createRandom } from './random.ts';
import { createReader } from './reader.ts';
import { type Actor, createScheduler } from './scheduler.ts';
import { settle } from './settle.ts';
import { createSimulatedSink } from './sinks.ts';
import { createWitness } from './witness.ts';
import { createSimulatedLogs, type Recounted, STRAY_ID } from './world.ts';

/** Far more runs than the quiet end needs: some export one small window each. */
const RUNS_LIMIT = 2_000;
/** And of steps: a run may be busy with nothing. */
const STEPS_LIMIT = 2_000_000;
/** So many seeds are played for each one in a flat account; the others are in a lake. */
const FLAT_EVERY = 3;
const QUERY = { table: 'AppRequests', rest: '' };
const keys = await openKeys();

export interface Outcome {
  readonly runs: number;
  readonly rows: number;
  readonly crashes: number;
  readonly steps: number;
  readonly late: number;
}

/**
 * Plays one seed: runs and backfills race, crash, sleep and fail while telemetry arrives and a reader watches. Then the
 * faults end, and a few quiet runs must bring every row into the lake exactly once, and recount all hours.
 * @throws at the first step after which a promise does not hold.
 */
export async function simulate(seed: number): Promise<Outcome> {
  const random = createRandom(seed);
  const plan = makePlan(random);
  const scheduler = createScheduler(random, plan.startMs, plan.tickMs);
  const underway = { requests: [] };
  const sink = createSimulatedSink(seed % FLAT_EVERY === 0, plan.keepsEtag, random, scheduler, underway);
  const { store } = sink;
  const reader = createReader(store.files);
  const witness = createWitness(store);
  const recounts: Recounted[] = [];
  const active = new Set<Actor & { controller: AbortController }>();
  const totals = { runs: 0, crashes: 0, steps: 0, reported: 0, late: 0 };
  /** Runs that have ended before their horizon and their budget. */
  const early: string[] = [];
  let backfills = plan.backfills;
  let repaired: (Lost & { atMs: number }) | undefined;
  let quiet = false;
  let lastError: unknown;
  let isSuperseded = false;

  function skewOf(): number {
    if (witness.exportedUntilMs === undefined && plan.firstSkewMs > 0) return plan.firstSkewMs;
    return random.chance(plan.skewed) ? random.between(-plan.skewMs, plan.skewMs) : 0;
  }

  function portsFor(actor: Actor, isStray: boolean): Ports {
    const skewMs = quiet ? 0 : skewOf();
    const rows = isStray ? plan.rows.map((row) => ({ ...row, id: row.id + STRAY_ID })) : plan.rows;
    const faults = quiet ? { ...plan.logs, fail: 0, slow: 0, breaks: 0, crash: 0, latencyMs: 0 } : plan.logs;
    const now = () => scheduler.nowMs() + skewMs;
    // Without a Date header the machine's clock counts, so it must be right there.
    const noDate = skewMs > 0 ? 0 : faults.noDate;
    const served = { ...faults, noDate };
    const logs = createSimulatedLogs(rows, plan.rowsLimit, random, scheduler, actor, served, keys, recounts);
    const storeFaults = quiet ? NO_STORE_FAULTS : plan.store;
    return {
      sink: sink.open(actor, storeFaults, now),
      table: openTable(logs, isStray ? 'another' : 'workspace', QUERY, now),
      keys,
      log: { debug() {}, info() {}, warn() {}, error() {} },
      clock: { now, elapsed: () => scheduler.nowMs() - plan.startMs },
      newRunId: () => actor.name,
    };
  }

  function spawn(again?: Lost): void {
    totals.runs += 1;
    const controller = new AbortController();
    const actor = { name: `run${totals.runs}`, crashed: false, pausedUntilMs: 0, controller };
    active.add(actor);
    const isQuiet = quiet;
    const finished = (report: RunReport) => {
      totals.reported += report.rows + report.late;
      totals.late += report.late;
      if (again) isSuperseded = report.outcome === 'superseded';
      if (isQuiet && endsEarly(report, plan.options.lagMs)) early.push(report.runId);
    };
    start(actor, again)
      .then(finished, (error: unknown) => {
        if (!(error instanceof RunError)) throw error;
        lastError = error;
        finished(error.report);
      })
      .finally(() => active.delete(actor));
  }

  function start(actor: Actor & { controller: AbortController }, again?: Lost) {
    const { signal } = actor.controller;
    // A step may take seconds: the budget must do for something besides.
    const windowMs = Math.max(plan.options.windowMs, MINUTE_MS);
    const options = quiet ? { ...plan.options, windowMs, budgetMs: QUIET_BUDGET_MS } : plan.options;
    if (again) return runBackfill(options, portsFor(actor, false), { ...again, again: true }, signal);
    if (witness.exportedUntilMs !== undefined && backfills > 0 && !quiet && random.chance(0.1)) {
      backfills -= 1;
      const fromMs = plan.startMs - random.between(0, 6 * 60) * MINUTE_MS;
      return runBackfill(options, portsFor(actor, false), { fromMs, untilMs: undefined, again: false }, signal);
    }
    // Someone has changed the workspace in the settings: its rows must never get into this lake.
    const isStray = !quiet && witness.exportedUntilMs !== undefined && random.chance(plan.stray);
    return runExport(options, portsFor(actor, isStray), signal);
  }

  async function check(): Promise<void> {
    reader.look();
    await witness.look(scheduler.nowMs() - plan.options.lookbackMs);
  }

  async function disturb(): Promise<void> {
    for (const actor of active) {
      if (random.chance(plan.pause)) actor.pausedUntilMs = scheduler.nowMs() + random.between(1, 180) * MINUTE_MS;
      if (random.chance(plan.stop)) actor.controller.abort(new Error('stopped'));
    }
    if (random.chance(0.1)) await deliver(underway, random);
    if (random.chance(plan.retag)) await sink.retag();
    if (random.chance(plan.take)) {
      const path = reader.take(random);
      if (path !== undefined) await store.remove(path);
    }
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
      await settle();
    }
    await disturb();
    await stepOnce();
  }

  quiet = true;
  for (const actor of active) actor.crashed ||= random.chance(0.5);
  while (underway.requests.length > 0) await deliver(underway, random);
  if (random.chance(0.1)) {
    // While there are claims of hours that nobody has recounted.
    await comeToRest();
    await spawnQuiet();
    await comeToRest();
    if (random.chance(0.5)) await goBack();
    else await loseTwice({ store, reader, random, repair: (lost) => repair(lost, true), beginAudit });
  }
  scheduler.advance(plan.options.lagMs + plan.options.auditMs + HOUR_MS);
  const targetMs = scheduler.nowMs() - plan.options.lagMs - plan.options.auditMs - 2000;
  const isDone = async () => {
    const { position } = (await readWatermark(store, NAME)) ?? {};
    if (position === undefined || position.exportedUntilMs < targetMs) return false;
    return position.backfills.length === 0 && position.claims.every(({ untilMs }) => untilMs > targetMs);
  };
  async function comeToEnd(): Promise<void> {
    const mayGoOn = (run: number) => run < RUNS_LIMIT && totals.steps < STEPS_LIMIT;
    for (let run = 0; mayGoOn(run) && (active.size > 0 || run < 3 || !(await isDone())); run++) {
      if (active.size === 0) await spawnQuiet();
      await comeToRest();
      scheduler.advance(run < 3 ? 2 * HOUR_MS : 0); // something to commit, so that the sweep knows what is over
    }
    if (await isDone()) return;
    const { position } = (await readWatermark(store, NAME)) ?? {};
    throw new Error(
      `the export does not come to the end after ${totals.runs} runs: until ${formatIso(position?.exportedUntilMs ?? 0)}, ` +
        `expected ${formatIso(targetMs)}; backfills ${JSON.stringify(position?.backfills)}, ${position?.claims.length} claims`,
      { cause: lastError },
    );
  }
  async function comeToRest(): Promise<void> {
    for (let step = 0; step < 20_000 && active.size > 0; step++) await stepOnce();
  }
  async function spawnQuiet(): Promise<void> {
    await writeEtags(store);
    spawn();
  }
  /** Rows come a second time. */
  async function goBack(): Promise<void> {
    if (reader.hasTaken || active.size > 0) return;
    const backMs = await setBack(store, reader, random);
    witness.forget(backMs);
    totals.reported = 0;
  }
  /** Gives whether no run failed. */
  async function repair(lost: Lost, isAnew: boolean): Promise<boolean> {
    witness.forget();
    witness.expect(lost, isAnew);
    repaired = { ...lost, atMs: scheduler.nowMs() };
    totals.reported = 0;
    lastError = undefined;
    spawn(lost);
    await comeToRest();
    if (isSuperseded) spawn(lost); // as the command does; nobody else is left now
    await comeToRest();
    if (isAnew) totals.reported = 0; // of runs that had begun before
    return lastError === undefined;
  }
  async function beginAudit(): Promise<void> {
    scheduler.advance(plan.options.lagMs + plan.options.auditMs + HOUR_MS);
    await spawnQuiet();
    for (let steps = random.between(0, 100); steps > 0 && active.size > 0; steps--) await stepOnce();
  }
  await comeToEnd();
  if (random.chance(0.2)) {
    await goBack();
    await comeToEnd();
  }
  if (!reader.hasTaken && random.chance(0.2)) {
    const lost = await losePart(store, reader, random);
    if (lost) await repair(lost, false);
    await comeToEnd();
  }
  if (early.length > 0) throw new Error(`ended before the horizon and the budget: ${early.join(', ')}`);
  await judge({ plan, store, reader, recounts, repaired, reported: totals.reported });
  return { ...totals, rows: reader.seen.size };
}
