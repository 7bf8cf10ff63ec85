import type { MemoryStore } from '../support/memory-store.ts';
import { NAME } from './plan.ts';
import type { Random } from './random.ts';

/** Gives a staged file another ETag, as a copy of the sink does, or a change of its metadata. */
export async function retagStaged(store: MemoryStore, random: Random): Promise<void> {
  const staged = [...store.files].filter(([path, { content }]) => path.endsWith('.staged') && content.length > 0);
  if (staged.length === 0) return;
  const [path, { content }] = random.pick(staged);
  await store.remove(path);
  await store.create(path, new Blob([Buffer.from(content)]).stream());
}

/** Does, in each home, what the message of a run says that fails for such a file. */
export async function writeEtags(store: MemoryStore): Promise<void> {
  for (const path of store.files.keys()) {
    if (path.endsWith('/_watermark.json')) await writeEtagsOf(store, path);
  }
}

async function writeEtagsOf(store: MemoryStore, path: string): Promise<void> {
  const found = await store.read(path);
  const file = found && JSON.parse(found.text);
  let isChanged = false;
  for (const part of file?.publishing ?? []) {
    const etag = (await store.stat(part.staged))?.etag;
    if (etag === undefined || etag === part.etag || (await store.stat(part.path)) !== undefined) continue;
    part.etag = etag;
    isChanged = true;
  }
  if (isChanged) await store.replace(path, JSON.stringify(file), found?.etag, `${NAME}/_staging/0-person/1.staged`);
}
