import type { BlobItem, BlobServiceClient, BlockBlobClient } from '@azure/storage-blob';
import { azuriteCode } from './dfs-error.ts';
import { createKeptEtags } from './kept-etags.ts';
import type { Place } from './place.ts';

const FOLDER = { metadata: { hdi_isfolder: 'true' } };
const MAX_PAGE = 5000;

/** What is at a path. ETags are without quotes, as clients of the gateway see them. */
export interface Found {
  readonly isFolder: boolean;
  readonly bytes: number;
  readonly etag: string;
  readonly modified: Date;
}

export interface FoundPath extends Found {
  readonly path: string;
}

export interface Page {
  readonly paths: readonly FoundPath[];
  readonly continuation: string | undefined;
}

interface BlobState {
  readonly metadata?: Record<string, string> | undefined;
  readonly contentLength?: number;
  readonly etag?: string;
  readonly lastModified?: Date;
}

export type Entries = ReturnType<typeof createEntries>;

/** Files and folders as Azurite's blobs: a folder is an empty blob with the metadata that marks one in a real lake. */
export function createEntries(blobs: BlobServiceClient) {
  const etags = createKeptEtags();
  const containerOf = (place: Place) => blobs.getContainerClient(place.fileSystem);
  const blobAt = (place: Place): BlockBlobClient => containerOf(place).getBlockBlobClient(place.path);

  async function find(place: Place): Promise<Found | undefined> {
    if (place.path === '') return { isFolder: true, bytes: 0, etag: '', modified: new Date(0) };
    try {
      return toFound(place, await blobAt(place).getProperties());
    } catch (error) {
      if (azuriteCode(error) === 'BlobNotFound') return undefined;
      throw error;
    }
  }

  function toFound(place: Place, { metadata, contentLength = 0, etag = '', lastModified }: BlobState): Found {
    const isFolder = metadata?.hdi_isfolder === 'true';
    const modified = lastModified ?? new Date(0);
    return { isFolder, bytes: contentLength, etag: etags.seen(place, etag), modified };
  }

  async function remove(place: Place): Promise<void> {
    await blobAt(place).delete();
    etags.forget(place);
  }

  /** Moves a file, over another one if there is one. It keeps its ETag, as in a real lake. */
  async function move(from: Place, to: Place, { bytes, etag }: Found): Promise<Found> {
    const copy = await (await blobAt(to).beginCopyFromURL(blobAt(from).url)).pollUntilDone();
    etags.keep(to, copy.etag ?? '', etag);
    await remove(from);
    return toFound(to, { ...copy, contentLength: bytes });
  }

  /** One page of what lies directly in a folder, or anywhere below it. */
  async function list(folder: Place, isRecursive: boolean, pageSize = MAX_PAGE, continuation?: string): Promise<Page> {
    const options = { prefix: folder.path === '' ? '' : `${folder.path}/`, includeMetadata: true };
    const container = containerOf(folder);
    const listing = isRecursive ? container.listBlobsFlat(options) : container.listBlobsByHierarchy('/', options);
    for await (const page of listing.byPage({
      maxPageSize: Math.min(pageSize, MAX_PAGE),
      continuationToken: continuation,
    })) {
      const paths = page.segment.blobItems.map((item) => foundPath(folder, item));
      return { paths, continuation: page.continuationToken };
    }
    return { paths: [], continuation: undefined };
  }

  function foundPath({ fileSystem }: Place, { name: path, metadata, properties }: BlobItem): FoundPath {
    return { path, ...toFound({ fileSystem, path }, { ...properties, metadata }) };
  }

  return {
    blobAt,
    find,
    remove,
    move,
    list,
    seenEtag: etags.seen,
    /** Makes an empty file or a folder. */
    async put(place: Place, isFolder: boolean): Promise<Found> {
      const options = isFolder ? FOLDER : {};
      return toFound(place, { ...options, ...(await blobAt(place).upload('', 0, options)) });
    },
  };
}
