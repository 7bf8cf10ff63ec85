import type { Found } from '../../core/lake/store.ts';

interface Properties {
  readonly isFolder: boolean;
  readonly contentLength?: number;
  readonly etag?: string;
}

/** What an answer of the service says about a path. */
export function foundAt(path: string, { isFolder, contentLength = 0, etag }: Properties): Found {
  return isFolder
    ? { path, isFolder, bytes: 0, etag: '' }
    : { path, isFolder, bytes: contentLength, etag: plain(etag) };
}

/** Ours have no quotes, headers have. */
export function plain(etag: string | undefined): string {
  if (etag === undefined) throw new Error('The answer has no ETag.');
  return etag.replaceAll('"', '');
}

/** As conditions want them. */
export function quoted(etag: string): string {
  return `"${etag}"`;
}
