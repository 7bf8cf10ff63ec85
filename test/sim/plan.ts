import type { ExportOptions } from '../../src/core/run.ts';
import type { StoreFaults } from './faults.ts';
import type { Random } from './random.ts';
import { DOUBLED, type LogsFaults, type Row } from './world.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const NAME = 'requests';

/** What one seed decides. */
export interface Plan {
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
  /** Largest error of a machine's clock, either way, and the probability that it has one. */
  readonly skewMs: number;
  readonly skewed: number;
  /** How far the machine of the first run is ahead. */
  readonly firstSkewMs: number;
  /** Probability, per step, that someone changes the ETag of a staged file, as a copy of the sink does. */
  readonly retag: number;
  /** Probability that a run has another workspace in its settings. */
  readonly stray: number;
  /** How many backfills are asked for. */
  readonly backfills: number;
  readonly keepsEtag: boolean;
  readonly store: StoreFaults;
  readonly logs: LogsFaults;
}

/** What half of the seeds have more of, so that what is rare comes together often enough. */
const FOCUSES = ['nothing', 'nothing', 'nothing', 'nothing', 'late', 'backfill', 'clock', 'storage'] as const;

export function makePlan(random: Random): Plan {
  const plan = makeAnyPlan(random);
  const { options, startMs, store, logs } = plan;
  const some = () => 0.02 + 0.1 * random.next();
  switch (random.pick(FOCUSES)) {
    case 'late': {
      const span = { startMs: startMs - 6 * HOUR_MS, endMs: startMs + 4 * HOUR_MS, gridMs: 1000, lagMs: options.lagMs };
      const rows = makeRows(random, { ...span, late: 0.3, doubled: random.pick([0, 0.3]) });
      const rare = { ...options, auditMs: 20 * MINUTE_MS, budgetMs: 10 * MINUTE_MS };
      const quick = { endMs: span.endMs, rows, runEveryMs: 5 * MINUTE_MS, logs: { ...logs, latencyMs: 1000 } };
      return { ...plan, ...quick, options: rare, store: { ...store, fail: some(), delay: some() } };
    }
    case 'backfill': {
      const rare = { ...options, auditMs: HOUR_MS, lookbackMs: 30 * MINUTE_MS };
      return { ...plan, options: rare, backfills: 3, store: { ...store, crash: some() } };
    }
    case 'clock': {
      // So quick that runs are level with their horizon, which is in the service's future.
      const rare = { windowMs: 20_000, windowsAtOnce: 5, budgetMs: 10 * MINUTE_MS, lookbackMs: 5 * MINUTE_MS };
      const quick = { tickMs: () => random.between(0, 100), rowsLimit: 1000, runsAtOnce: 1, runEveryMs: MINUTE_MS };
      const answers = { ...logs, fail: 0, slow: 0, noDate: 0, latencyMs: 30_000 };
      const span = { startMs: startMs - 10 * MINUTE_MS, endMs: Math.min(plan.endMs, startMs + HOUR_MS) };
      const rows = makeRows(random, { ...span, gridMs: 1000, lagMs: options.lagMs, late: 0, doubled: 0 });
      return {
        ...plan,
        ...quick,
        options: { ...options, ...rare },
        rows,
        endMs: span.endMs,
        skewMs: MINUTE_MS,
        skewed: 1,
        logs: answers,
      };
    }
    case 'storage': {
      const bad = { crash: some(), fail: some(), loseReply: some(), retry: some(), delay: 3 * some() };
      return { ...plan, retag: some(), take: random.pick([0, 0.2, 0.2]), store: bad };
    }
    default:
      return plan;
  }
}

function makeAnyPlan(random: Random): Plan {
  const gridMs = random.pick([1, 250, 1000, MINUTE_MS]);
  const startMs = Date.UTC(2026, 10, 22, random.between(0, 23), random.pick([0, 5, 37, 55]));
  // Few runs that sleep for hours: what they staged is old when they wake up.
  const sleepy = random.chance(0.1);
  const endMs = startMs + (sleepy ? 24 * HOUR_MS : random.between(20, 240) * MINUTE_MS);
  const lagMs = random.pick([1, 2, 5]) * MINUTE_MS;
  const lookbackMs = random.pick([30, 60, 180]) * MINUTE_MS;
  const auditMs = random.pick([0, 20, 60, 60]) * MINUTE_MS;
  const intensity = random.pick([0, 0.02, 0.05, 0.15]);
  const fault = () => (random.chance(0.6) ? (random.chance(0.1) ? 0.4 : intensity) * random.next() : 0);
  return {
    options: {
      name: NAME,
      lagMs,
      lookbackMs,
      windowMs: random.pick([1, 2, 5, 7, 13, 30, 60]) * MINUTE_MS,
      budgetMs: random.pick([10, 60, 240]) * 1000,
      auditMs,
      windowsAtOnce: random.pick([1, 1, 2, 5]),
    },
    startMs,
    endMs,
    rows: makeRows(random, {
      startMs: startMs - 6 * HOUR_MS,
      endMs,
      gridMs,
      lagMs,
      late: random.chance(0.3) ? 0.1 : 0,
      doubled: random.chance(0.3) ? 0.2 : 0,
    }),
    rowsLimit: random.between(3, 20),
    tickMs: random.pick([() => 0, () => gridMs % MINUTE_MS, () => random.between(0, 5000)]),
    runsAtOnce: sleepy ? 3 : random.pick([1, 2, 2, 3]),
    runEveryMs: (sleepy ? 120 : random.pick([1, 5, 20])) * MINUTE_MS,
    pause: sleepy ? 0.1 : random.chance(0.5) ? 0.05 * random.next() : 0,
    stop: random.chance(0.3) ? 0.02 * random.next() : 0,
    take: random.chance(0.5) ? random.pick([0.1, 0.5]) * random.next() : 0,
    skewMs: random.pick([0, 1, 10]) * MINUTE_MS,
    skewed: 0.4,
    firstSkewMs: random.chance(0.1) ? 5 * HOUR_MS : 0,
    retag: random.chance(0.2) ? 0.05 * random.next() : 0,
    stray: random.chance(0.1) ? 0.2 : 0,
    backfills: random.pick([0, 0, 1, 2]),
    keepsEtag: random.chance(0.7),
    store: { crash: sleepy ? 0.1 : fault(), fail: fault(), loseReply: fault(), retry: fault(), delay: fault() },
    logs: {
      fail: fault(),
      slow: fault(),
      breaks: fault() * 3,
      crash: fault(),
      noDate: random.pick([0, 0, 0.5]),
      latencyMs: random.pick([0, 20_000, 240_000]),
      slowFromMs: !sleepy && random.chance(0.1) ? random.pick([10, 20]) * MINUTE_MS : Number.POSITIVE_INFINITY,
    },
  };
}

interface Span {
  readonly startMs: number;
  readonly endMs: number;
  readonly gridMs: number;
  readonly lagMs: number;
  /** Shares of the rows. */
  readonly late: number;
  readonly doubled: number;
}

/**
 * Rows on the grid, so that many share a time and many lie exactly on a window's edge; some hours have a burst. Some seeds
 * have rows that become visible hours later, are deleted, or share an ItemId.
 */
function makeRows(random: Random, span: Span): Row[] {
  const rows: Row[] = [];
  const ticks = Math.floor((span.endMs - span.startMs) / span.gridMs);
  const count = random.pick([0, 10, 40, 80, 160]);
  const deleted = random.chance(0.3) ? 0.1 : 0;
  while (rows.length < count) {
    const ingestedMs = span.startMs + random.between(0, ticks) * span.gridMs;
    for (let same = random.chance(0.1) ? random.between(5, 40) : 1; same > 0; same--) {
      const delayMs = random.chance(0.5) ? 0 : random.between(0, span.lagMs);
      const lateMs = random.chance(span.late) ? random.between(1, 90) * MINUTE_MS : 0;
      const visibleMs = ingestedMs + delayMs + lateMs;
      const lifeMs = random.chance(deleted) ? random.between(1, 180) * MINUTE_MS : Number.POSITIVE_INFINITY;
      const itemId = random.chance(span.doubled) ? DOUBLED : `item-${rows.length}`;
      rows.push({ id: rows.length, itemId, ingestedMs, visibleMs, deletedMs: visibleMs + lifeMs });
    }
  }
  return rows;
}
