import type { Entry } from '../../core/lake/store.ts';

interface Properties {
  readonly isFolder: boolean;
  readonly contentLength?: number;
  readonly etag?: string;
  readonly lastModified?: Date;
}

/** What an answer of the service says about a path. */
export function entryOf(path: string, found: Properties): Entry {
  const { etag, modifiedMs } = versionOf(found);
  if (found.isFolder) return { path, isFolder: true, bytes: 0, etag: '', modifiedMs };
  return { path, isFolder: false, bytes: found.contentLength ?? 0, etag, modifiedMs };
}

export function versionOf({ etag, lastModified }: { etag?: string; lastModified?: Date }) {
  // A made up time would look old or new, and the sweep goes by that.
  if (lastModified === undefined) throw new Error('The answer has no Last-Modified.');
  return { etag: plain(etag), modifiedMs: lastModified.getTime() };
}

/** Listings give ETags without quotes, headers with them: ours have none. */
export function plain(etag: string | undefined): string {
  if (etag === undefined) throw new Error('The answer has no ETag.');
  return etag.replaceAll('"', '');
}

/** As conditions want them. */
export function quoted(etag: string): string {
  return `"${etag}"`;
}
