import type { DataLakeRequestConditions } from '@azure/storage-file-datalake';
import { ConflictError, type Created, ExistsError, NotSentError, type Store } from '../../core/lake/store.ts';
import { limit } from '../pipeline.ts';
import { appendContent } from './append.ts';
import { ABSENT, type Lake } from './client.ts';
import { plain, quoted } from './entry.ts';
import { codeOf, lakeError, unless } from './error.ts';
import { createKnownFolders } from './folders.ts';
import { createSegments } from './segments.ts';

/** A wrong condition, or the trace of an own attempt whose answer was lost. */
const REFUSED = [
  'ConditionNotMet',
  'TargetConditionNotMet',
  'SourceConditionNotMet',
  'PathAlreadyExists',
  'SourcePathNotFound',
];

const NO_PARENT = 'RenameDestinationParentPathNotFound';

type Writer = Pick<Store, 'create' | 'replace' | 'rename' | 'remove'>;

export function createWriter({ fileSystem, fileAt, place, location }: Lake): Writer {
  const folders = createKnownFolders(fileSystem, limit);
  const segments = createSegments();

  async function create(path: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Created> {
    const file = fileAt(path);
    const wrap = (error: unknown) => lakeError('write', place(path), error);
    const created = await file.create({ conditions: { ifNoneMatch: '*' }, abortSignal: limit() }).catch((error) => {
      if (codeOf(error) !== 'PathAlreadyExists') throw wrap(error);
      throw new ExistsError(`Something is at ${place(path)} already.`, { cause: error });
    });
    try {
      return await appendContent(file, content, { etag: plain(created.etag), segments, limit, wrap });
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

  async function replace(path: string, text: string, etag: string | undefined, via: string): Promise<string> {
    const staged = await create(via, [Buffer.from(text)]).catch((cause: unknown) => {
      throw new NotSentError(place(path), cause);
    });
    const condition = etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: quoted(etag) };
    const attempt = () => move(via, path, staged.etag, condition);
    try {
      await attempt().catch(async (error) => {
        if (etag !== undefined || codeOf(error) !== NO_PARENT) throw error;
        const parent = parentOf(location.prefix + path);
        folders.forget(parent);
        await folders.make(parent);
        await attempt();
      });
      return staged.etag;
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
        if (codeOf(error) !== NO_PARENT || !folders.forget(parent)) throw error;
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

  return { create, replace, rename, remove };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
