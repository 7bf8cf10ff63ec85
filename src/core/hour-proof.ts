import { countAbsent } from './absent.ts';
import type { ListedBackfill } from './backfill.ts';
import { formatCount } from './human.ts';
import { type Findings, judge, missingRows, recordsIn, type State, sinkRows } from './proof.ts';
import { reasonOf } from './reason.ts';
import type { ExportOptions, Ports } from './run.ts';
import type { Claim, Look, Part, Position, Tally, Verdict } from './sink.ts';
import { sum } from './sum.ts';
import { createCounter, isSameTally } from './tally.ts';
import { DAY_MS, HOUR_MS, type Window } from './window.ts';

/** What is to be verified. */
export interface Verification {
  readonly options: Pick<ExportOptions, 'name' | 'lagMs' | 'auditMs'>;
  /** By default the last day that is closed. */
  readonly fromMs: number | undefined;
  readonly untilMs: number | undefined;
  /** Reads the parts instead of their names. */
  readonly read: boolean;
  readonly signal: AbortSignal;
  /** Called after each window. */
  onProgress(done: number, of: number): void;
}

/** An hour of an export, or what has been exported of it. */
export interface HourProof extends Window {
  readonly state: State;
  readonly logsRows: number;
  readonly sinkRows: number;
  /** Rows that became visible late, among those in the sink. */
  readonly lateRows: number;
  readonly missingRows: number;
  readonly parts: number;
  readonly bytes: number;
  /** What the audit said; `open` before it. */
  readonly audited: Verdict['verdict'] | 'open' | undefined;
  /** Why it is `damaged`. */
  readonly reason: string | undefined;
}

/** As long as a query may take. */
export const QUERY_MS = 600_000;
/** An audit that is due comes with one of the next runs. */
const AUDIT_GRACE_MS = HOUR_MS;

/** An export as it is now. */
export interface Scene {
  readonly verification: Verification;
  readonly ports: Ports;
  readonly look: Look;
  /** The column that tells rows apart; `undefined` where they have none. */
  readonly itemId: string | undefined;
  readonly backfills: readonly ListedBackfill[];
  readonly position: Position;
  /** Of the days that were read. */
  readonly verdicts: Map<number, readonly Verdict[]>;
}

/** Hours that end before this have been recounted, or should have been. */
export function closedMs({ lagMs, auditMs }: Verification['options'], nowMs: number): number {
  return nowMs - lagMs - auditMs;
}

/** Compares a window of an hour with what Logs has counted in it. */
export async function lookAtHour(scene: Scene, window: Window, logs: Tally): Promise<HourProof> {
  const { verification, ports, itemId, position, backfills } = scene;
  const { options } = verification;
  const parts = await Array.fromAsync(ports.sink.parts(options.name, window));
  const verdicts = (await verdictsOf(scene, window)).toSorted((a, b) => b.atMs - a.atMs);
  const claims = [position, ...backfills].flatMap((home) => home.claims);
  const recorded = recordsIn<Claim | Verdict>(window, [...claims, ...verdicts]);
  const audited = auditedOf(recorded);
  const overdueMs = closedMs(options, ports.clock.now()) - window.endMs;
  const isClosed = overdueMs >= (audited === 'open' ? AUDIT_GRACE_MS : 0);
  const findings = {
    window,
    logs,
    isKeyed: itemId !== undefined,
    parts,
    read: undefined,
    absent: undefined,
    recorded,
    isClosed,
  };
  const hour = (seen: Findings, reason?: string): HourProof => ({
    ...window,
    state: reason === undefined ? judge(seen) : 'damaged',
    logsRows: logs.rows,
    sinkRows: sinkRows(seen),
    lateRows: sum(seen.parts, (part) => (part.isLate ? part.rows : 0)),
    missingRows: missingRows(seen),
    parts: seen.parts.length,
    bytes: sum(seen.parts, (part) => part.bytes),
    audited,
    reason,
  });
  if (!verification.read || itemId === undefined) return hour(findings);
  try {
    const seen = await readParts(scene, parts, itemId);
    if (isSameTally(seen.read, logs)) return hour({ ...findings, ...seen });
    const asking = { signal: verification.signal, timeoutMs: QUERY_MS };
    const absent = await countAbsent(ports, window, seen.parts, scene.look, itemId, asking);
    return hour({ ...findings, ...seen, absent });
  } catch (error) {
    if (verification.signal.aborted) throw error;
    return hour(findings, reasonOf(error));
  }
}

/** The worst of an hour's verdicts. */
function auditedOf(recorded: readonly (Claim | Verdict)[]): HourProof['audited'] {
  const found = recorded.map((claim) => ('verdict' in claim ? claim.verdict : 'open'));
  return (['taken', 'fewer', 'late', 'open', 'complete'] as const).find((verdict) => found.includes(verdict));
}

async function verdictsOf({ verification, ports, verdicts }: Scene, { startMs }: Window): Promise<readonly Verdict[]> {
  const day = Math.floor(startMs / DAY_MS);
  const known = verdicts.get(day) ?? (await ports.sink.verdicts(verification.options.name, startMs));
  verdicts.set(day, known);
  return known;
}

/** @throws when a part cannot be read, or has other rows than its name says. */
async function readParts({ verification, ports }: Scene, listed: readonly Part[], itemId: string) {
  const counter = createCounter();
  const parts: Part[] = [];
  for (const part of listed) {
    const before = counter.tally.rows;
    const items = await ports.sink.read(part, itemId);
    if (items === undefined) continue; // a reader has just taken it
    for await (const item of items) counter.add(ports.keys.ofText(item));
    verification.signal.throwIfAborted();
    const rows = counter.tally.rows - before;
    if (rows !== part.rows)
      throw new Error(`${part.path}: found ${formatCount(rows, 'row')}, expected the ${part.rows} of its name`);
    parts.push(part);
  }
  return { parts, read: counter.tally };
}
