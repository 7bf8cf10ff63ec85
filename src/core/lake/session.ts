import { isDeepStrictEqual } from 'node:util';
import type { Rows } from '../rows.ts';
import { type Holder, type PartKey, type Position, type Session, SupersededError, type Verdict } from '../sink.ts';
import { DAY_MS } from '../window.ts';
import { commitWatermark, confirmWatermark, isStill, supersededBy } from './commit.ts';
import { createSchemas } from './schema.ts';
import { StageError } from './stage.ts';
import { ConflictError, type Files, NotSentError } from './store.ts';
import { addVerdicts } from './verdicts.ts';
import {
  type CommittedPart,
  formatWatermark,
  readWatermark,
  type StoredWatermark,
  type Watermark,
  watermarkPath,
} from './watermark.ts';

/** How the parts of one run get into a home: written where no reader looks, made visible once the watermark lists them. */
export interface Staging {
  /** A path that was never used, for `replace`. */
  spare(): string;
  /** `undefined` when there are no rows. @throws StageError when the store fails, and what the rows throw. */
  stage(exportName: string, key: PartKey, rows: Rows, commit: number): Promise<CommittedPart | undefined>;
  /** Removes parts that will never be committed, best effort. */
  discard(parts: readonly CommittedPart[]): Promise<void>;
  /** They belong to a commit that may arrive: `clear` leaves them. */
  keep(parts: readonly CommittedPart[]): void;
  /** Their commit can never arrive. */
  drop(parts: readonly CommittedPart[]): void;
  /**
   * Makes a committed part visible, once.
   * @param sinceMs when it was committed, by some machine's clock.
   * @throws when it is neither visible nor can be made so; nothing is deleted then.
   */
  publish(part: CommittedPart, sinceMs: number): Promise<void>;
  /** Removes what nothing refers to, best effort. */
  clear(): Promise<void>;
  /** Removes what crashed runs have left, and gives the number of files. */
  sweep(watermark: Watermark, signal: AbortSignal): Promise<number>;
}

/** What a sink of files is made of, whatever its parts are at first. */
export interface Place {
  readonly store: Files;
  /** The machine's clock, for people who read the watermark. */
  readonly now: () => number;
}

/** One run's hold on a home of files: the commit is the conditional replacement of its watermark, `opened`. */
export function createSession(
  { store, now }: Place,
  home: string,
  opened: StoredWatermark,
  { runId, log }: Holder,
  staging: Staging,
): Session {
  let current = opened;
  let isPublished = false;
  const schemas = createSchemas(store, log, staging.spare);

  const following = (position: Position, publishing: readonly CommittedPart[], schema = current.schema) => ({
    position,
    publishing,
    schema,
    commit: current.commit + 1,
    runId,
    updatedAtMs: Math.floor(now()),
  });

  return {
    get position() {
      return current.position;
    },
    get unpublished() {
      return { parts: isPublished ? 0 : current.publishing.length, sinceMs: current.updatedAtMs };
    },

    async stage(key: PartKey, rows: Rows) {
      try {
        return schemas.note(await staging.stage(current.position.export, key, rows, current.commit + 1), key, rows);
      } catch (error) {
        // Whoever has moved the watermark may have swept the folder of this run. It may be this run, in a commit under way.
        const found = error instanceof StageError ? await readWatermark(store, home).catch(() => undefined) : undefined;
        if (found !== undefined && !isStill(current, found) && found.runId !== runId) {
          throw supersededBy(found, { cause: error });
        }
        throw error;
      }
    },

    discard: (parts: readonly CommittedPart[]) => staging.discard(parts),

    async commit(position, parts: readonly CommittedPart[]) {
      const schema = await schemas.keep(position.export, parts, current.schema);
      isPublished = false;
      // They are the commit's, until it is certain that it cannot arrive.
      staging.keep(parts);
      try {
        current = await commitWatermark(store, home, current, following(position, parts, schema), staging.spare);
      } catch (error) {
        if (error instanceof SupersededError || error instanceof NotSentError) {
          staging.drop(parts);
        }
        throw error;
      }
    },

    async publish() {
      for (const part of current.publishing) await staging.publish(part, current.updatedAtMs);
      isPublished = true;
    },

    async record(verdicts: readonly Verdict[], isAgain = false) {
      const confirm = () => confirmWatermark(store, home, current);
      for (const day of Map.groupBy(verdicts, ({ fromMs }) => Math.floor(fromMs / DAY_MS)).values()) {
        await addVerdicts(store, current.position.export, day, { isAgain, confirm, via: staging.spare });
      }
    },

    async close(position = current.position) {
      const isSettled = current.publishing.length === 0 && isDeepStrictEqual(position, current.position);
      try {
        if (isPublished && !isSettled) {
          await commitWatermark(store, home, current, following(position, []), staging.spare);
        }
      } catch (error) {
        // Whoever has changed the watermark since knows better.
        if (!(error instanceof SupersededError)) throw error;
      } finally {
        await staging.clear();
      }
    },

    async sweep(signal) {
      const files = await staging.sweep(current, signal);
      if (files > 0) log.info(`${home}: removed ${files} staged files that crashed runs left`);
    },
  };
}

/** Creates the first watermark of a home; one that is there stays. */
export async function beginHome(
  { store, now }: Place,
  home: string,
  position: Position,
  { runId }: Holder,
  staging: Staging,
): Promise<void> {
  const text = formatWatermark({ position, publishing: [], commit: 0, runId, updatedAtMs: Math.floor(now()) });
  try {
    await store.replace(watermarkPath(home), text, undefined, staging.spare()).catch(unlessConflict);
  } finally {
    await staging.clear();
  }
}

function unlessConflict(error: unknown): void {
  if (!(error instanceof ConflictError)) throw error;
}
