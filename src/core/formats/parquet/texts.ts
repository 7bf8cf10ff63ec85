import { append, newBuffered, newNumbers, push } from './buffer.ts';
import { createDictionary, MAX_ENTRIES } from './dictionary.ts';
import { writeHybrid } from './hybrid.ts';
import { appendText } from './text.ts';
import { ENCODINGS, type Values } from './values.ts';

const MAX_DICTIONARY_BYTES = 1024 * 1024;

/**
 * Strings: through a dictionary while there are few of them, and plainly from then on to the end of the part. The page in
 * which they become too many is written anew, so that a dictionary holds nothing but what earlier pages need.
 */
export function createTexts(): Values {
  const dictionary = createDictionary();
  const indices = newNumbers();
  const plain = newBuffered();
  let isRepeating = true;
  let bytes = 0;
  /** Of the chunk. */
  let values = 0;
  /** What the pages before need. */
  let entriesInUse = 0;

  function giveUp(): void {
    for (const index of indices.values.subarray(0, indices.count)) append(plain, dictionary.entry(index));
    indices.count = 0;
    dictionary.truncate(entriesInUse);
    isRepeating = false;
  }

  return {
    add(source, from, to) {
      const target = isRepeating ? dictionary.entries : plain;
      const start = target.at;
      appendText(source, from, to, target);
      bytes += target.at - start;
      if (!isRepeating) return true;
      push(indices, dictionary.intern(start));
      values += 1;
      if (dictionary.count === MAX_ENTRIES || dictionary.entries.at > MAX_DICTIONARY_BYTES) giveUp();
      return true;
    },
    get bytes() {
      return bytes;
    },
    takePage(out) {
      bytes = 0;
      // Each must come twice on average.
      if (isRepeating && 2 * dictionary.count > values) giveUp();
      if (indices.count === 0) {
        append(out, plain.bytes.subarray(0, plain.at));
        plain.at = 0;
        return ENCODINGS.plain;
      }
      // One bit at least: not every reader knows what to do with none.
      const width = Math.max(1, 32 - Math.clz32(dictionary.count - 1));
      append(out, [width]);
      writeHybrid(indices, width, out);
      indices.count = 0;
      entriesInUse = dictionary.count;
      return ENCODINGS.rleDictionary;
    },
    takeChunk() {
      const { entries } = dictionary;
      const used =
        entriesInUse > 0
          ? { entries: Buffer.from(entries.bytes.subarray(0, entries.at)), count: entriesInUse }
          : undefined;
      dictionary.truncate(0);
      entriesInUse = 0;
      values = 0;
      return { dictionary: used };
    },
  };
}
