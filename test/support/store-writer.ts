/** A process that appends its tokens to one shared file, each by one `replace`, and says which ones are in it. */
import { ConflictError } from '../../src/core/lake/store.ts';
import { createFileStore } from '../../src/file/store.ts';

const [directory = '', name = '', count = '0'] = process.argv.slice(2);
const store = createFileStore(directory);
let vias = 0;

for (let at = 0; at < Number(count); at++) {
  const token = `${name}.${at}`;
  while (!(await append(token)));
  console.log(token);
}

async function append(token: string): Promise<boolean> {
  const before = await store.read('tokens');
  try {
    await store.replace('tokens', `${before?.text ?? ''}${token}\n`, before?.etag, `via/${name}-${++vias}`);
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
}
