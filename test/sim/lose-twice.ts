import { readWatermark } from '../../src/core/lake/watermark.ts';
import { losePart, loseRange } from './people.ts';
import { HOUR_MS, NAME } from './plan.ts';
import type { Random } from './random.ts';
import type { Reader } from './reader.ts';
import type { Shown } from './sinks.ts';

/** A range that is exported again. */
export interface Lost {
  readonly fromMs: number;
  readonly untilMs: number;
}

interface Scene {
  readonly store: Shown;
  readonly reader: Reader;
  readonly random: Random;
  /** Exports a range again, to the end of all runs. Gives whether none failed. */
  repair(lost: Lost): Promise<boolean>;
  /** Lets a run begin when hours are due, and go on for a while. */
  beginAudit(): Promise<void>;
}

/** Parts are lost; and again before they have been recounted, or all exported, while perhaps a run is about to do that. */
export async function loseTwice({ store, reader, random, repair, beginAudit }: Scene): Promise<void> {
  const { position } = (await readWatermark(store, NAME)) ?? {};
  if (reader.hasTaken || position === undefined || position.backfills.length > 0) return;
  const lost = await losePart(store, reader, random);
  if (lost === undefined) return;
  await repair(lost);
  if (lost.untilMs % HOUR_MS === 0 && random.chance(0.7)) await beginAudit();
  // It fails where a run that has begun has published a late part meanwhile: that is lost then, too.
  for (let time = 0; time < 3; time++) {
    await loseRange(store, reader, lost);
    if (await repair(lost)) return;
  }
}
