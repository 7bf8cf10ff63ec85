import type { BlobItem, BlobPrefix } from '@azure/storage-blob';
import type { BlockStore } from '../../core/lake/blocks.ts';
import type { Entry } from '../../core/lake/store.ts';
import { createBodies } from '../body.ts';
import { plain } from '../lake/entry.ts';
import { unless } from '../lake/error.ts';
import { limit, MAX_BODIES } from '../pipeline.ts';
import type { Container } from './client.ts';
import { ROWS } from './write.ts';

/** Nothing at the path. A missing container, or a 404 from something that is not the service, is an error. */
const ABSENT = ['BlobNotFound'];

/** Of a listing: folders only where they were asked for. */
interface Segment {
  readonly blobPrefixes?: readonly BlobPrefix[];
  readonly blobItems: readonly BlobItem[];
}

export function createReader({
  blobs,
  prefix,
  place,
}: Container): Pick<BlockStore, 'read' | 'readStream' | 'stat' | 'list'> {
  const blobAt = (path: string) => blobs.getBlockBlobClient(prefix + path);

  async function open(path: string, abortSignal: AbortSignal) {
    return unless(ABSENT, 'read', place(path), () =>
      blobAt(path).download(0, undefined, { abortSignal, maxRetryRequests: MAX_BODIES }),
    );
  }

  return {
    ...createBodies(open, place),

    async stat(path) {
      const found = await unless(ABSENT, 'look at', place(path), () =>
        blobAt(path).getProperties({ abortSignal: limit() }),
      );
      return found && { path, isFolder: false, bytes: found.contentLength ?? 0, etag: plain(found.etag) };
    },

    async *list(folder, more): AsyncGenerator<Entry> {
      const options = { prefix: `${prefix}${folder}/`, includeMetadata: true };
      let continuationToken: string | undefined;
      do {
        const asked = { ...options, abortSignal: limit() };
        const found = more?.recursive ? blobs.listBlobsFlat(asked) : blobs.listBlobsByHierarchy('/', asked);
        const pages = found.byPage(continuationToken === undefined ? {} : { continuationToken });
        const page = await unless([], 'list', place(folder), () => pages.next());
        if (!page || page.done) return;
        const { blobPrefixes = [], blobItems }: Segment = page.value.segment;
        for (const { name } of blobPrefixes) {
          yield { path: name.slice(prefix.length).replace(/\/$/, ''), isFolder: true, bytes: 0 };
        }
        for (const { name, properties, metadata } of blobItems) {
          const bytes = properties.contentLength ?? 0;
          // A part without its metadata counts as one without rows, which no recount takes for complete.
          yield { path: name.slice(prefix.length), isFolder: false, bytes, rows: Number(metadata?.[ROWS] ?? 0) };
        }
        continuationToken = page.value.continuationToken;
      } while (continuationToken);
    },
  };
}
