import type { Holder, Sink } from '../sink.ts';
import type { BlockStore } from './blocks.ts';
import { proveBlocks } from './prove-blocks.ts';
import { publishBlocks } from './publish-blocks.ts';
import { createPublished } from './published.ts';
import { beginHome, createSession, type Place, type Staging } from './session.ts';
import { type Blocks, stageBlocks } from './stage-blocks.ts';
import { type BlockPart, type CommittedPart, readWatermark } from './watermark.ts';

/** What a sink in a flat account is made of. */
export interface Flat extends Place, Blocks {
  readonly store: BlockStore;
}

/**
 * A sink of files in a flat account: the commit is the conditional replacement of a watermark file that lists blocks,
 * publishing makes them a file. The list of uncommitted blocks is the token, as the staged file is in a lake.
 */
export function createFlat(flat: Flat): Sink {
  const { store } = flat;
  return {
    ...createPublished(store),
    async open(home, holder) {
      const opened = await readWatermark(store, home);
      return opened && createSession(flat, home, opened, holder, createUnseen(flat, holder));
    },
    begin: (home, position, holder) => beginHome(flat, home, position, holder, createUnseen(flat, holder)),
    prove: (home, { runId }) => proveBlocks(store, `${home}/_staging/${runId}`),
  };
}

/** Blocks that no list names are never seen, and expire: there is nothing to keep, to remove or to sweep. */
function createUnseen(flat: Flat, { log }: Holder): Staging {
  return {
    spare: () => '',
    stage: (exportName, key, rows, commit) => stageBlocks(flat, exportName, key, commit, rows),
    discard: async () => {},
    keep() {},
    drop() {},
    publish: (part, sinceMs) => publishBlocks(flat.store, ofFlat(part), flat.now() - sinceMs, log),
    clear: async () => {},
    sweep: async () => 0,
  };
}

function ofFlat(part: CommittedPart): BlockPart {
  if ('blocks' in part) return part;
  throw new Error(
    `${part.path} was committed as the staged file ${part.staged} of a lake, which a flat account cannot rename. Copy that ` +
      'file to the path, if it is not there, and clear "publishing" of the watermark',
  );
}
