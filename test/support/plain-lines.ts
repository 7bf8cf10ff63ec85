import type { Format } from '../../src/core/formats/format.ts';
import { readAll } from '../../src/core/rows.ts';

/** JSON lines, one chunk a batch: for the simulation, where bytes do not matter. */
export const plainLines: Format = {
  extension: '.jsonl',
  async *encode({ columns, batches }) {
    for await (const batch of batches) {
      async function* one() {
        yield batch;
      }
      const objects = await readAll({ columns, batches: one() });
      yield Buffer.from(objects.map((object) => `${JSON.stringify(object)}\n`).join(''));
    }
  },
};
