import type { Verdict } from '../sink.ts';
import { formatIso } from '../window.ts';
import { formatClaim, parseClaim } from './claims.ts';
import { isCount, parseFields } from './fields.ts';
import type { Files } from './store.ts';

const VERSION = 1;
const VERDICTS: readonly Verdict['verdict'][] = ['complete', 'fewer', 'taken', 'late'];
/** How often a change by another run is taken up. */
const ATTEMPTS = 5;

/** `<export>/_audit/2026-11-22.json` */
function verdictsPath(exportName: string, dayMs: number): string {
  return `${exportName}/_audit/${formatIso(dayMs).slice(0, 'yyyy-mm-dd'.length)}.json`;
}

export async function readVerdicts(store: Files, exportName: string, dayMs: number): Promise<readonly Verdict[]> {
  return (await readDay(store, verdictsPath(exportName, dayMs))).verdicts;
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
  const path = verdictsPath(exportName, added[0]?.fromMs ?? 0);
  let cause: unknown;
  for (let attempt = 0; ; attempt++) {
    const { verdicts, etag } = await readDay(store, path);
    const missing = added.filter((verdict) =>
      verdicts.every((other) => !isOverlapping(other, verdict) || (isAgain && other.atMs < verdict.atMs)),
    );
    if (missing.length === 0) return;
    if (attempt === ATTEMPTS) throw new Error(`${path} could not be written in ${ATTEMPTS} attempts`, { cause });
    await confirm();
    const kept = verdicts.filter((other) => !missing.some((verdict) => isOverlapping(other, verdict)));
    const all = [...kept, ...missing].sort((a, b) => a.fromMs - b.fromMs);
    try {
      await store.replace(path, formatDay(exportName, all), etag, via());
      return;
    } catch (error) {
      // Refused or lost: what is there by then decides.
      cause = error;
    }
  }
}

function isOverlapping(a: Verdict, b: Verdict): boolean {
  return a.fromMs < b.untilMs && b.fromMs < a.untilMs;
}

function formatDay(exportName: string, verdicts: readonly Verdict[]): string {
  const list = verdicts.map(({ verdict, counted, atMs, ...claim }) => ({
    ...formatClaim(claim),
    verdict,
    counted,
    at: formatIso(atMs),
  }));
  return `${JSON.stringify({ version: VERSION, export: exportName, verdicts: list }, undefined, 2)}\n`;
}

async function readDay(
  store: Files,
  path: string,
): Promise<{ verdicts: readonly Verdict[]; etag: string | undefined }> {
  const file = await store.read(path);
  if (file === undefined) return { verdicts: [], etag: undefined };
  const fields = parseFields(
    file.text,
    (found, expected, cause) =>
      new Error(`${path}: found ${found}, expected ${expected}. Restore the file, or delete it`, { cause }),
  );
  fields.read('version', (value): value is number => value === VERSION, `${VERSION}`);
  const verdicts = fields.list('verdicts').map((entry) => ({
    ...parseClaim(entry),
    verdict: entry.read('verdict', isVerdict, VERDICTS.join(', ')),
    counted: entry.read('counted', isCount, 'a whole number'),
    atMs: entry.time('at'),
  }));
  return { verdicts, etag: file.etag };
}

const isVerdict = (value: unknown): value is Verdict['verdict'] => VERDICTS.some((verdict) => verdict === value);
