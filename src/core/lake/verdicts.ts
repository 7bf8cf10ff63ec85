import { isDeepStrictEqual } from 'node:util';
import type { Verdict } from '../sink.ts';
import { formatIso } from '../window.ts';
import { formatClaim, parseClaim } from './claims.ts';
import { changeEntries, type EntryFile, readEntries } from './entries.ts';
import { type Fields, isCount } from './fields.ts';
import type { Files } from './store.ts';

const VERDICTS: readonly Verdict['verdict'][] = ['complete', 'fewer', 'taken', 'late'];

/** `<export>/_audit/2026-11-22.json` */
function dayOf(exportName: string, dayMs: number): EntryFile<Verdict> {
  const path = `${exportName}/_audit/${formatIso(dayMs).slice(0, 'yyyy-mm-dd'.length)}.json`;
  return { exportName, path, name: 'verdicts', format: formatVerdict, parse: parseVerdict };
}

export function readVerdicts(store: Files, exportName: string, dayMs: number): Promise<readonly Verdict[]> {
  return readEntries(store, dayOf(exportName, dayMs));
}

/** How verdicts are added. */
interface Adding {
  /** They take the place of earlier ones. */
  readonly isAgain: boolean;
  /** Called each time before something is written. */
  confirm(): Promise<void>;
  /** Gives an unused path. */
  via(): string;
}

/** Adds verdicts of one day to those that are there; one that is there for the same range stays, unless it is replaced. */
export async function addVerdicts(
  store: Files,
  exportName: string,
  added: readonly Verdict[],
  { isAgain, confirm, via }: Adding,
): Promise<void> {
  const change = async (verdicts: readonly Verdict[]) => {
    const missing = added.filter((verdict) =>
      verdicts.every((other) => !isOverlapping(other, verdict) || (isAgain && isBefore(other, verdict))),
    );
    if (missing.length === 0) return undefined;
    await confirm();
    const kept = verdicts.filter((other) => !missing.some((verdict) => isOverlapping(other, verdict)));
    const all = [...kept, ...missing];
    return all.sort((a, b) => a.fromMs - b.fromMs);
  };
  await changeEntries(store, dayOf(exportName, added[0]?.fromMs ?? 0), change, via);
}

/** In the same second that of the later run counts; the very same one has been written already. */
function isBefore(other: Verdict, verdict: Verdict): boolean {
  return other.atMs <= verdict.atMs && !isDeepStrictEqual(other, verdict);
}

function isOverlapping(a: Verdict, b: Verdict): boolean {
  return a.fromMs < b.untilMs && b.fromMs < a.untilMs;
}

function formatVerdict({ verdict, counted, atMs, ...claim }: Verdict): object {
  return { ...formatClaim(claim), verdict, counted, at: formatIso(atMs) };
}

function parseVerdict(entry: Fields): Verdict {
  return {
    ...parseClaim(entry),
    verdict: entry.read('verdict', isVerdict, VERDICTS.join(', ')),
    counted: entry.read('counted', isCount, 'a whole number'),
    atMs: entry.time('at'),
  };
}

const isVerdict = (value: unknown): value is Verdict['verdict'] => VERDICTS.some((verdict) => verdict === value);
