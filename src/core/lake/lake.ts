import type { Format } from '../formats/format.ts';
import type { Log } from '../log.ts';
import type { Holder, Sink } from '../sink.ts';
import { type Delivery, deliverPart } from './delivery.ts';
import { proveStore } from './prove.ts';
import { publishPart } from './publish.ts';
import { createPublished } from './published.ts';
import { beginHome, createSession, type Place, type Staging } from './session.ts';
import { stageRows } from './stage.ts';
import { createStagedNames, type StagedNames, stagingFolder } from './staging.ts';
import type { Store } from './store.ts';
import { sweepStaging } from './sweep.ts';
import { type CommittedPart, type LakePart, readWatermark } from './watermark.ts';

/** What a sink of files is made of. */
export interface Lake extends Place {
  readonly store: Store;
  readonly format: Format;
  /** Takes committed parts in place of publishing them in the store. */
  readonly delivery?: Delivery | undefined;
}

/** A sink of files: the commit is the conditional replacement of a watermark file, publishing is a rename. */
export function createLake(lake: Lake): Sink {
  const { store, delivery } = lake;
  let numbers = 0;
  // Of all sessions, for a run may open a home twice: what removes a name may arrive late, when another has taken it.
  const namesFor = (home: string, commit: number, { runId }: Holder) =>
    createStagedNames(stagingFolder(home, commit, runId), () => ++numbers);
  return {
    ...createPublished(store),
    isOneWay: delivery !== undefined,
    async open(home, holder) {
      const opened = await readWatermark(store, home);
      if (opened === undefined) return undefined;
      const names = namesFor(home, opened.commit, holder);
      return createSession(using(names, lake), home, opened, holder, createFolder(lake, home, names, holder));
    },
    begin(home, position, holder) {
      const names = namesFor(home, 0, holder);
      return beginHome(using(names, lake), home, position, holder, createFolder(lake, home, names, holder));
    },
    async prove(home, { runId }) {
      const proven = await proveStore(store, stagingFolder(home, 0, runId));
      return delivery === undefined ? proven : `${proven}; ${await delivery.prove()}`;
    },
  };
}

/** The lake, which notes that what it wrote first has been moved: nobody needs to remove that. */
function using(names: StagedNames, lake: Lake): Lake {
  const { store } = lake;
  return {
    ...lake,
    store: {
      ...store,
      async replace(path, text, etag, via) {
        const replaced = await store.replace(path, text, etag, via);
        names.loose.delete(via);
        return replaced;
      },
    },
  };
}

/** Parts are staged as files of a folder, and renamed. */
function createFolder(lake: Lake, home: string, names: StagedNames, holder: Holder): Staging {
  const { store, delivery } = lake;
  const { log } = holder;
  return {
    spare: names.next,
    stage: (exportName, key, rows, next) => stageRows(lake, exportName, key, next, rows, names),
    async discard(parts: readonly LakePart[]) {
      for (const { staged } of parts) {
        await remove(store, staged, log);
        names.loose.delete(staged);
      }
    },
    keep(parts: readonly LakePart[]) {
      for (const { staged } of parts) names.loose.delete(staged);
    },
    drop(parts: readonly LakePart[]) {
      for (const { staged } of parts) names.loose.add(staged);
    },
    publish: (part) =>
      delivery === undefined
        ? publishPart(store, ofLake(part), log)
        : deliverPart(delivery, store, ofLake(part), holder),
    async clear() {
      for (const path of names.loose) await remove(store, path, log);
      if (names.isUsed) await remove(store, names.folder, log);
    },
    sweep: (watermark, signal) => sweepStaging(store, home, watermark, signal),
  };
}

function ofLake(part: CommittedPart): LakePart {
  if ('staged' in part) return part;
  throw new Error(
    `${part.path} was committed as blocks of a flat account, which a lake does not have. Let the flat account's SINK_URL ` +
      'publish it, or set the export back to before it (README, "Set an export back")',
  );
}

/** Best effort: what stays is left to the sweep. */
async function remove(store: Store, path: string, log: Log): Promise<void> {
  await store.remove(path).catch((error: unknown) => log.debug(`${path} stays until a later sweep: ${error}`));
}
