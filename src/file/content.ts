import { createHash } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Created, ExistsError, type StoredText } from '../core/lake/store.ts';
import { hasCode, makeFolder, syncFolder, unlessAbsent } from './disk.ts';
import { explained } from './error.ts';

const CHUNK_BYTES = 256 * 1024;

type Content = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Size and ETag of a file, which is read for it. */
export async function digestOf(place: string): Promise<Created | undefined> {
  // One for all: chunks that nobody keeps would wait for a collector that has little else to do.
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const content = await openContent(place, () => chunk);
  return content && digest(content);
}

export async function readText(place: string): Promise<StoredText | undefined> {
  const content = await openContent(place);
  if (!content) return undefined;
  const bytes = Buffer.concat(await Array.fromAsync(content));
  const { etag } = await digest([bytes]);
  return { text: bytes.toString('utf8'), etag };
}

/** Opens the file at once: it stays readable though somebody takes it away. */
export async function openContent(
  place: string,
  newChunk = () => Buffer.allocUnsafe(CHUNK_BYTES),
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const file = await explained('read', place, unlessAbsent(open(place, 'r')));
  return file && chunksOf(file, place, newChunk);
}

async function* chunksOf(file: FileHandle, place: string, newChunk: () => Buffer): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const { bytesRead, buffer } = await explained('read', place, file.read(newChunk()));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** @throws ExistsError when something is there; an error of `content` as it is, after the file was removed again. */
export async function createFile(place: string, content: Content): Promise<Created> {
  await explained('make the folder of', place, makeFolder(dirname(place)));
  const file = await openNew(place);
  try {
    const staged = await writeContent(file, place, content).finally(() => file.close());
    await explained('write', place, syncFolder(dirname(place)));
    return staged;
  } catch (error) {
    await unlink(place).catch(() => undefined);
    throw error;
  }
}

async function openNew(place: string): Promise<FileHandle> {
  try {
    return await open(place, 'wx');
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw new ExistsError(`Something is at ${place} already.`, { cause: error });
    return explained('write', place, Promise.reject(error));
  }
}

async function writeContent(file: FileHandle, place: string, content: Content): Promise<Created> {
  const written = await digest(content, (chunk) => explained('write', place, file.writeFile(chunk)));
  await explained('write', place, file.sync());
  return written;
}

/** The ETag comes from the content alone, so that it survives copies, `touch`, and clocks that stand still or go back. */
async function digest(content: Content, write?: (chunk: Uint8Array) => Promise<void>): Promise<Created> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of content) {
    const written = write?.(chunk);
    hash.update(chunk); // while the disk is at work
    bytes += chunk.length;
    await written;
  }
  return { bytes, etag: hash.digest('base64url') };
}
