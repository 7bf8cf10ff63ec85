import { isDeepStrictEqual } from 'node:util';
import { readColumn } from '../formats/column.ts';
import type { Format } from '../formats/format.ts';
import type { Log } from '../log.ts';
import type { Rows } from '../rows.ts';
import {
  type Holder,
  type PartKey,
  type Position,
  type Session,
  type Sink,
  SupersededError,
  type Verdict,
} from '../sink.ts';
import { DAY_MS } from '../window.ts';
import { commitWatermark, supersededBy } from './commit.ts';
import { listParts, newestPart } from './part.ts';
import { proveStore } from './prove.ts';
import { publishPart } from './publish.ts';
import { StageError, stageRows } from './stage.ts';
import { createStagedNames, type StagedNames, stagedPrefix } from './staging.ts';
import { ConflictError, NotSentError, type Store } from './store.ts';
import { sweepStaging } from './sweep.ts';
import { addVerdicts, readVerdicts } from './verdicts.ts';
import { formatWatermark, type LakePart, readWatermark, watermarkPath } from './watermark.ts';

/** What a sink of files is made of. */
export interface Lake {
  readonly store: Store;
  readonly format: Format;
  /** The machine's clock, for people who read the watermark. */
  readonly now: () => number;
}

/** A sink of files: the commit is the conditional replacement of a watermark file, publishing is a rename. */
export function createLake(lake: Lake): Sink {
  const { store, now } = lake;
  return {
    open: (home, holder) => openSession(lake, home, holder),
    async begin(home, position, { runId, log }) {
      const names = createStagedNames(stagedPrefix(home, 0, runId));
      const store = storeUsing(names, lake.store);
      const text = formatWatermark({ position, publishing: [], commit: 0, runId, updatedAtMs: now() });
      try {
        await store.replace(watermarkPath(home), text, undefined, names.next()).catch(unlessConflict);
      } finally {
        await clear(store, names, log);
      }
    },
    newest: (exportName) => newestPart(store, exportName),
    parts: (exportName, hours) => listParts(store, exportName, hours),
    async read({ path }, column) {
      const content = await store.readStream(path);
      return content && readColumn(path, content, column);
    },
    verdicts: (exportName, dayMs) => readVerdicts(store, exportName, dayMs),
    prove: (home, { runId }) => proveStore(store, stagedPrefix(home, 0, runId)),
  };
}

async function openSession(lake: Lake, home: string, { runId, log }: Holder): Promise<Session | undefined> {
  const { now } = lake;
  const opened = await readWatermark(lake.store, home);
  if (opened === undefined) return undefined;
  let current = opened;
  let isPublished = false;
  const names = createStagedNames(stagedPrefix(home, opened.commit, runId));
  const store = storeUsing(names, lake.store);

  const following = (position: Position, publishing: readonly LakePart[]) => ({
    position,
    publishing,
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
        return await stageRows(lake, current.position.export, key, current.commit + 1, rows, names);
      } catch (error) {
        // Whoever has moved the watermark may have swept the folder of this run.
        const found = error instanceof StageError ? await readWatermark(store, home).catch(() => undefined) : undefined;
        if (found !== undefined && found.etag !== current.etag) throw supersededBy(found, { cause: error });
        throw error;
      }
    },

    async discard(parts: readonly LakePart[]) {
      for (const { staged } of parts) {
        await remove(store, staged, log);
        names.loose.delete(staged);
      }
    },

    async commit(position, parts: readonly LakePart[]) {
      isPublished = false;
      // They are the commit's, until it is certain that it cannot arrive.
      for (const { staged } of parts) names.loose.delete(staged);
      try {
        current = await commitWatermark(store, home, current.etag, following(position, parts), names.next);
      } catch (error) {
        if (error instanceof SupersededError || error instanceof NotSentError) {
          for (const { staged } of parts) names.loose.add(staged);
        }
        throw error;
      }
    },

    async publish() {
      for (const part of current.publishing) await publishPart(store, part, log);
      isPublished = true;
    },

    async record(verdicts: readonly Verdict[]) {
      const confirm = async () => {
        const found = await readWatermark(store, home);
        if (found === undefined) throw new Error(`${watermarkPath(home)} is gone: someone deleted it during the run`);
        if (found.etag !== current.etag) throw supersededBy(found);
      };
      for (const day of Map.groupBy(verdicts, ({ fromMs }) => Math.floor(fromMs / DAY_MS)).values()) {
        await addVerdicts(store, current.position.export, day, confirm, names.next);
      }
    },

    async close(position = current.position) {
      const isSettled = current.publishing.length === 0 && isDeepStrictEqual(position, current.position);
      try {
        if (isPublished && !isSettled) {
          const text = formatWatermark(following(position, []));
          // Whoever has changed the watermark since knows better.
          await store.replace(watermarkPath(home), text, current.etag, names.next()).catch(unlessConflict);
        }
      } finally {
        await clear(store, names, log);
      }
    },

    async sweep(signal) {
      const files = await sweepStaging(store, home, current, signal);
      if (files > 0) log.info(`${home}: removed ${files} staged files that crashed runs left`);
    },
  };
}

function unlessConflict(error: unknown): void {
  if (!(error instanceof ConflictError)) throw error;
}

/** The store, which notes that what it wrote first has been moved: nobody needs to remove that. */
function storeUsing(names: StagedNames, store: Store): Store {
  return {
    ...store,
    async replace(path, text, etag, via) {
      await store.replace(path, text, etag, via);
      names.loose.delete(via);
    },
  };
}

/** Removes what nothing refers to. */
async function clear(store: Store, names: StagedNames, log: Log): Promise<void> {
  for (const path of names.loose) await remove(store, path, log);
}

/** Best effort: what stays is left to the sweep. */
async function remove(store: Store, path: string, log: Log): Promise<void> {
  await store.remove(path).catch((error: unknown) => log.debug(`${path} stays until a later sweep: ${error}`));
}
