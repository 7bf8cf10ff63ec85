import { createFlat } from '../../src/core/lake/flat.ts';
import { createLake } from '../../src/core/lake/lake.ts';
import type { Files } from '../../src/core/lake/store.ts';
import type { Sink } from '../../src/core/sink.ts';
import { createMemoryBlocks } from '../support/memory-blocks.ts';
import { createMemoryStore, type MemoryFile } from '../support/memory-store.ts';
import { plainLines } from '../support/plain-lines.ts';
import { createFaults, type StoreFaults, type Underway } from './faults.ts';
import { createFaultyBlocks } from './faulty-blocks.ts';
import { createFaultyStore } from './faulty-store.ts';
import { retagStaged } from './people.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';

/** Files as everybody sees them who looks at the sink. */
export interface Shown extends Files {
  readonly files: ReadonlyMap<string, MemoryFile & { readonly rows?: number }>;
}

export interface SimulatedSink {
  readonly store: Shown;
  /** As one actor sees it. */
  open(actor: Actor, faults: StoreFaults, now: () => number): Sink;
  /** Someone changes the ETag of a staged file, where there are such. */
  retag(): Promise<void>;
}

/** @param varies whether the service does what it may do one way or the other. */
export function createSimulatedSink(
  isFlat: boolean,
  varies: boolean,
  random: Random,
  scheduler: Scheduler,
  underway: Underway,
): SimulatedSink {
  const faultsOf = (actor: Actor, faults: StoreFaults) => createFaults(random, scheduler, actor, faults, underway);
  if (isFlat) {
    const store = createMemoryBlocks({ dropsBlocks: varies });
    return {
      store,
      open: (actor, faults, now) => {
        const faulty = createFaultyBlocks(store, faultsOf(actor, faults));
        return createFlat({ store: faulty, format: plainLines, now, pause: () => scheduler.turn(actor) });
      },
      retag: async () => {},
    };
  }
  const store = createMemoryStore({ keepsEtag: varies });
  return {
    store,
    open: (actor, faults, now) => {
      const faulty = createFaultyStore(store, random, scheduler, actor, faultsOf(actor, faults));
      return createLake({ store: faulty, format: plainLines, now });
    },
    retag: () => retagStaged(store, random),
  };
}
