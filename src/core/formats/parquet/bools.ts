import { newNumbers, push } from './buffer.ts';
import { readBool } from './cells.ts';
import { writePacked } from './hybrid.ts';
import { ENCODINGS, type Values } from './values.ts';

export function createBools(): Values {
  const page = newNumbers();
  return {
    add(source, from, to) {
      const value = readBool(source, from, to);
      if (value !== undefined) push(page, value);
      return value !== undefined;
    },
    get bytes() {
      return page.count;
    },
    takePage(out) {
      writePacked(page, 1, out);
      page.count = 0;
      return ENCODINGS.plain;
    },
    takeChunk: () => ({}),
  };
}
