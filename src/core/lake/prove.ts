import type { Store } from './store.ts';

/**
 * Does in a folder what a run does, and what must be refused: the protocol stands on conditions, which a server may ignore.
 * Whatever stays when it fails, a later sweep takes.
 */
export async function proveStore(store: Store, folder: string): Promise<string> {
  const path = (name: string) => `${folder}/${name}.staged`;
  const staged = await store.create(path('1'), oneChunk('one'));
  await refused(store.rename(path('1'), path('2'), `${staged.etag}0`), 'a rename under a wrong ETag');
  await store.rename(path('1'), path('2'), staged.etag);
  const renamed = await store.read(path('2'));
  if (renamed?.text !== 'one') throw new Error(`${path('2')} does not hold what was written to it`);
  const other = await store.create(path('3'), oneChunk('two'));
  await refused(store.rename(path('3'), path('2'), other.etag), 'a rename onto a file that is there');
  await refused(store.replace(path('2'), 'three', `${renamed.etag}0`, path('4')), 'a replacement under a wrong ETag');
  await refused(
    store.replace(path('2'), 'three', undefined, path('5')),
    'a replacement of a file that must not be there',
  );
  await store.replace(path('2'), 'three', renamed.etag, path('6'));
  for await (const file of store.list(folder)) await store.remove(file.path);
  await store.remove(folder);
  return 'writes, renames, reads and deletes, and keeps conditions';
}

/** @throws when it succeeds. */
export async function refused(attempt: Promise<unknown>, what: string): Promise<void> {
  const succeeded = await attempt.then(
    () => true,
    () => false,
  );
  if (!succeeded) return;
  throw new Error(
    `the sink does not keep conditions: it let ${what} pass. Runs that overlap would lose or double rows there: use another sink`,
  );
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
