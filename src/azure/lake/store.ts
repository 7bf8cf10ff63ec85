import type { TokenCredential } from '@azure/core-auth';
import {
  type DataLakeFileClient,
  DataLakeFileSystemClient,
  type DataLakeRequestConditions,
  DataLakeServiceClient,
} from '@azure/storage-file-datalake';
import {
  ConflictError,
  type Entry,
  ExistsError,
  type Staged,
  type Store,
  type StoredText,
} from '../../core/lake/store.ts';
import { appendContent } from './append.ts';
import { entryOf, plain, quoted, versionOf } from './entry.ts';
import { codeOf, lakeError } from './error.ts';
import { createKnownFolders } from './folders.ts';
import { type LakeLocation, lakeLocation } from './location.ts';

/** For one call, the SDK's retries included: a connection that went silent must not hold a run for ever. */
const TIMEOUT_MS = 60_000;
const RETRIES = { maxTries: 4, retryDelayInMs: 1_000, maxRetryDelayInMs: 8_000 };

/** A wrong condition, or the trace of an own attempt whose answer was lost. */
const REFUSED = [
  'ConditionNotMet',
  'TargetConditionNotMet',
  'SourceConditionNotMet',
  'PathAlreadyExists',
  'SourcePathNotFound',
];
/** Nothing at the path. A missing file system, or a 404 from something that is not the service, is an error. */
const ABSENT = ['PathNotFound', 'BlobNotFound'];

/**
 * A file system, or a folder in one, in Azure Data Lake Storage Gen2 (hierarchical namespace) as a sink. See
 * `lakeLocation` for `url`. A loopback address gets the emulator's well-known credential instead of `credential`, which may
 * be left out there.
 */
export function createLakeStore(url: URL, credential: TokenCredential | undefined): Store {
  const location = lakeLocation(url);
  const files = openFileSystem(location, credential);
  const folders = createKnownFolders(files, limit);
  const fileAt = (path: string) => files.getFileClient(location.prefix + path);
  const place = (path: string) => `${location.fileSystem}/${location.prefix}${path}`;

  async function create(path: string, content: AsyncIterable<Uint8Array>): Promise<Staged> {
    const file = fileAt(path);
    const wrap = (error: unknown) => lakeError('write', place(path), error);
    const created = await file.create({ conditions: { ifNoneMatch: '*' }, abortSignal: limit() }).catch((error) => {
      if (codeOf(error) !== 'PathAlreadyExists') throw wrap(error);
      throw new ExistsError(`Something is at ${place(path)} already.`, { cause: error });
    });
    try {
      const { bytes, etag } = await appendContent(file, content, { limit, wrap });
      if (bytes === 0) return { bytes, etag: plain(created.etag) };
      // A flush may leave out the ETag.
      return { bytes, etag: plain(etag ?? (await file.getProperties({ abortSignal: limit() })).etag) };
    } catch (error) {
      await file.deleteIfExists(false, { abortSignal: limit() }).catch(() => undefined);
      throw error;
    }
  }

  async function move(from: string, to: string, etag: string, destinationConditions: DataLakeRequestConditions) {
    // A destination is taken as part of a URL.
    const encoded = (location.prefix + to).split('/').map(encodeURIComponent).join('/');
    await fileAt(from).move(location.renameRoot, encoded, {
      conditions: { ifMatch: quoted(etag) },
      destinationConditions,
      abortSignal: limit(),
    });
  }

  async function replace(path: string, text: string, etag: string | undefined, via: string): Promise<void> {
    const staged = await create(via, oneChunk(text));
    try {
      await move(via, path, staged.etag, etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: quoted(etag) });
    } catch (error) {
      if (!REFUSED.includes(codeOf(error) ?? '')) throw lakeError('replace', place(path), error);
      await remove(via).catch(() => undefined);
      throw new ConflictError(`${place(path)} is not what it was (expected ETag ${etag}).`, { cause: error });
    }
  }

  async function rename(from: string, to: string, etag: string): Promise<void> {
    const parent = parentOf(location.prefix + to);
    const attempt = async () => {
      await folders.make(parent);
      await move(from, to, etag, { ifNoneMatch: '*' });
    };
    try {
      await attempt().catch((error) => {
        if (codeOf(error) !== 'RenameDestinationParentPathNotFound' || !folders.forget(parent)) throw error;
        return attempt();
      });
    } catch (error) {
      throw lakeError(`rename ${place(from)} to`, place(to), error);
    }
  }

  async function remove(path: string): Promise<void> {
    await unless([...ABSENT, 'DirectoryNotEmpty'], 'remove', place(path), () =>
      fileAt(path).delete(false, { abortSignal: limit() }),
    );
  }

  async function* list(folder: string): AsyncGenerator<Entry> {
    const path = (location.prefix + folder).replace(/\/$/, '');
    let continuationToken: string | undefined;
    do {
      const pages = files.listPaths({ path, abortSignal: limit() }).byPage({ continuationToken });
      const page = await unless(ABSENT, 'list', place(folder), () => pages.next());
      if (!page || page.done) return;
      for (const item of page.value.pathItems ?? []) {
        const name = (item.name ?? '').slice(location.prefix.length);
        yield entryOf(name, { ...item, isFolder: item.isDirectory === true });
      }
      continuationToken = page.value.continuation;
    } while (continuationToken);
  }

  async function stat(path: string): Promise<Entry | undefined> {
    const found = await unless(ABSENT, 'look at', place(path), () =>
      fileAt(path).getProperties({ abortSignal: limit() }),
    );
    return found && entryOf(path, { ...found, isFolder: found.metadata?.hdi_isfolder === 'true' });
  }

  async function read(path: string): Promise<StoredText | undefined> {
    return unless(ABSENT, 'read', place(path), () => readText(fileAt(path)));
  }

  return { read, stat, list, create, replace, rename, remove };
}

function openFileSystem(location: LakeLocation, credential: TokenCredential | undefined): DataLakeFileSystemClient {
  const known = location.isLoopback
    ? DataLakeServiceClient.fromConnectionString('UseDevelopmentStorage=true').credential
    : credential;
  if (!known) throw new Error(`${location.url} needs a credential: only an emulator on loopback does without`);
  return new DataLakeFileSystemClient(location.url, known, { retryOptions: RETRIES });
}

function limit(): AbortSignal {
  return AbortSignal.timeout(TIMEOUT_MS);
}

/** What the call answers; `undefined` when the service answers with one of `codes`. */
async function unless<T>(
  codes: readonly string[],
  action: string,
  place: string,
  call: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (codes.includes(codeOf(error) ?? '')) return undefined;
    throw lakeError(action, place, error);
  }
}

async function readText(file: DataLakeFileClient): Promise<StoredText | undefined> {
  const answer = await file.read(0, undefined, { abortSignal: limit(), maxRetryRequests: RETRIES.maxTries });
  const chunks: Buffer[] = [];
  for await (const chunk of answer.readableStreamBody ?? []) chunks.push(Buffer.from(chunk));
  // The content of a folder is empty.
  if (answer.metadata?.hdi_isfolder === 'true') return undefined;
  const { etag, lastModified } = answer;
  return { ...versionOf({ etag, lastModified }), text: Buffer.concat(chunks).toString('utf8') };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
