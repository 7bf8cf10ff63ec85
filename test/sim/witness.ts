import { isDeepStrictEqual } from 'node:util';
import { readVerdicts } from '../../src/core/lake/verdicts.ts';
import { readWatermark } from '../../src/core/lake/watermark.ts';
import type { Verdict } from '../../src/core/sink.ts';
import { formatIso } from '../../src/core/window.ts';
import { NAME } from './plan.ts';
import type { Shown } from './sinks.ts';

const WATERMARK = '/_watermark.json';
const VERDICTS = `${NAME}/_audit/`;

/** Someone who reads every watermark and verdict that is written, and holds them against the earlier ones. */
export interface Witness {
  /** Until when the export is; `undefined` before it began. */
  readonly exportedUntilMs: number | undefined;
  /**
   * @param latestMs the export must not begin later.
   * @throws when the watermark goes back, a claim goes without a verdict, or a verdict changes.
   */
  look(latestMs: number): Promise<void>;
  /** A person has taken care of claims and verdicts, and perhaps set the export back. */
  forget(exportedUntilMs?: number): void;
  /** What begins in a range is exported again, and gets other verdicts; perhaps before it has been recounted. */
  expect(range: { readonly fromMs: number; readonly untilMs: number }, isAnew?: boolean): void;
}

export function createWitness(store: Shown): Witness {
  const read = new Map<string, unknown>();
  /** Where the claims of each home begin. */
  const claimed = new Map<string, Set<number>>();
  /** By the start of their range. */
  const verdicts = new Map<number, Verdict>();
  let untilMs: number | undefined;
  let again = { fromMs: 0, untilMs: 0, isAnew: false };

  function isNew(path: string): boolean {
    const file = store.files.get(path);
    if (read.get(path) === file) return false;
    read.set(path, file);
    return true;
  }

  async function lookAtWatermark(home: string, latestMs: number): Promise<void> {
    const { position } = (await readWatermark(store, home)) ?? {};
    if (position === undefined) return;
    if (home === NAME) {
      const { exportedUntilMs } = position;
      if (exportedUntilMs < (untilMs ?? 0)) throw new Error('the watermark has gone back');
      if (untilMs === undefined && exportedUntilMs > latestMs) {
        throw new Error(`the export begins at ${formatIso(exportedUntilMs)}, later than the lookback`);
      }
      untilMs = exportedUntilMs;
    }
    const before = claimed.get(home) ?? new Set();
    claimed.set(home, new Set(position.claims.map(({ fromMs }) => fromMs)));
    for (const fromMs of before.difference(claimed.get(home) ?? before)) {
      if (again.isAnew && fromMs >= again.fromMs && fromMs < again.untilMs) continue;
      const found = await readVerdicts(store, NAME, fromMs);
      if (found.every((verdict) => verdict.fromMs !== fromMs)) {
        throw new Error(`the claim from ${formatIso(fromMs)} has gone without a verdict`);
      }
    }
  }

  async function lookAtVerdicts(dayMs: number): Promise<void> {
    const found = await readVerdicts(store, NAME, dayMs);
    if (new Set(found.map(({ fromMs }) => fromMs)).size < found.length) throw new Error('a range has two verdicts');
    for (const verdict of found) {
      const before = verdicts.get(verdict.fromMs) ?? verdict;
      const isAgain = verdict.fromMs >= again.fromMs && verdict.fromMs < again.untilMs;
      if (!isAgain && !isDeepStrictEqual(before, verdict))
        throw new Error(`the verdict of ${formatIso(verdict.fromMs)} has changed`);
      verdicts.set(verdict.fromMs, verdict);
    }
  }

  return {
    get exportedUntilMs() {
      return untilMs;
    },
    async look(latestMs) {
      for (const path of store.files.keys()) {
        if (!path.includes('/_')) continue;
        if (path.endsWith(WATERMARK) && isNew(path)) await lookAtWatermark(path.slice(0, -WATERMARK.length), latestMs);
        if (path.startsWith(VERDICTS) && isNew(path)) {
          await lookAtVerdicts(Date.parse(path.slice(VERDICTS.length, -'.json'.length)));
        }
      }
    },
    forget(exportedUntilMs = untilMs) {
      untilMs = exportedUntilMs;
      claimed.clear();
      verdicts.clear();
    },
    expect(range, isAnew = false) {
      again = { ...range, isAnew };
    },
  };
}
