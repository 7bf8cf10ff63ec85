import type { BlockStore } from './blocks.ts';
import { refused } from './prove.ts';

/** As `proveStore`, in a flat account. */
export async function proveBlocks(store: BlockStore, folder: string): Promise<string> {
  const path = `${folder}/1.staged`;
  const [one, two] = ['MQ==', 'Mg=='];
  await store.putBlock(path, one, Buffer.from('one'));
  if ((await store.stat(path)) !== undefined) throw new Error(`${path} can be seen before its list was put`);
  await refused(store.putList(path, [two], 1), 'a list of a block that was never sent');
  await store.putList(path, [one], 1);
  await store.putBlock(path, two, Buffer.from('two'));
  await refused(store.putList(path, [two], 1), 'a list for a file that is there');
  const file = await store.read(path);
  if (file?.text !== 'one') throw new Error(`${path} does not hold what was written to it`);
  await refused(store.replace(path, 'three', `${file.etag}0`, ''), 'a replacement under a wrong ETag');
  await refused(store.replace(path, 'three', undefined, ''), 'a replacement of a file that must not be there');
  await store.replace(path, 'three', file.etag, '');
  await store.remove(path);
  await refused(store.putList(path, [one], 1), 'a list of blocks that have been a file before');
  return 'writes, publishes, reads and deletes, and keeps conditions';
}
