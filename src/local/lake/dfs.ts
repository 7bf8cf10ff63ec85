import type { IncomingMessage } from 'node:http';
import type { Turns } from '../../core/turns.ts';
import { checkTarget, conditionsOf } from './conditions.ts';
import { badQuery, DfsError, typeMismatch } from './dfs-error.ts';
import { type DfsAction, type DfsRequest, placeOf } from './dfs-request.ts';
import type { Entries, Found, FoundPath } from './entries.ts';
import type { Namespace } from './namespace.ts';
import type { PendingData } from './pending-data.ts';

export interface DfsAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly json?: unknown;
}

type Handler = (call: DfsRequest, request: IncomingMessage) => Promise<DfsAnswer>;

/** The operations of the DFS endpoint. Whatever changes or lists the namespace takes its turn. */
export function createDfs(
  entries: Entries,
  namespace: Namespace,
  pending: PendingData,
  turns: Turns,
): Record<DfsAction, Handler> {
  const create: Handler = ({ place, query }, { headers }) =>
    turns.take(async () => {
      const found = await namespace.create(place, query.get('resource') === 'directory', conditionsOf(headers));
      pending.forget(entries.blobAt(place));
      return { status: 201, headers: headersOf(found) };
    });

  const rename: Handler = ({ place: to }, { headers }) =>
    turns.take(async () => {
      const from = placeOf(String(headers['x-ms-rename-source']));
      const found = await namespace.rename(from, to, conditionsOf(headers, 'x-ms-source-'), conditionsOf(headers));
      pending.forget(entries.blobAt(from));
      pending.forget(entries.blobAt(to));
      return { status: 201, headers: headersOf(found) };
    });

  const append: Handler = async ({ place, query }, request) => {
    const position = numberOf(query, 'position');
    const bytes = Number(request.headers['content-length'] ?? 0);
    if (bytes === 0) throw new DfsError(400, 'InvalidHeaderValue', 'Content-Length must not be 0.');
    const before = await turns.take(() => fileAt(place));
    if (position < before.bytes) throw badQuery('position', 'lies in the data that has been flushed');
    const id = pending.newBlockId();
    const blob = entries.blobAt(place);
    await blob.stageBlock(id, request, bytes);
    return turns.take(async () => {
      // Meanwhile the file may have been renamed, removed or created again.
      const now = await fileAt(place);
      pending.add(blob, { id, position, bytes });
      if (query.get('flush') !== 'true') return { status: 202 };
      await pending.flush(blob, now.bytes, position + bytes);
      return { status: 202, headers: headersOf(await namespace.get(place)) };
    });
  };

  const flush: Handler = ({ place, query }, { headers }) =>
    turns.take(async () => {
      const { bytes, etag } = await fileAt(place);
      checkTarget(conditionsOf(headers), etag);
      await pending.flush(entries.blobAt(place), bytes, numberOf(query, 'position'));
      return { status: 200, headers: headersOf(await namespace.get(place)) };
    });

  const remove: Handler = ({ place, query }, { headers }) =>
    turns.take(async () => {
      await namespace.remove(place, query.get('recursive') === 'true', conditionsOf(headers));
      pending.forget(entries.blobAt(place));
      return { status: 200 };
    });

  const list: Handler = ({ place: { fileSystem }, query }) =>
    turns.take(async () => {
      const folder = { fileSystem, path: query.get('directory') ?? '' };
      const limit = query.has('maxResults') ? numberOf(query, 'maxResults') : undefined;
      const isRecursive = query.get('recursive') === 'true';
      const page = await namespace.list(folder, isRecursive, limit, query.get('continuation') ?? undefined);
      const headers = { 'x-ms-continuation': page.continuation };
      return { status: 200, headers, json: { paths: page.paths.map(pathJson) } };
    });

  async function fileAt(place: DfsRequest['place']): Promise<Found> {
    const found = await namespace.get(place);
    if (found.isFolder) throw typeMismatch();
    return found;
  }

  return { create, rename, append, flush, delete: remove, list };
}

function headersOf({ etag, modified }: Found): Record<string, string> {
  return { etag: `"${etag}"`, 'last-modified': modified.toUTCString() };
}

/** As the service writes it: all values are strings, and the ETag has no quotes. */
function pathJson({ path, isFolder, bytes, etag, modified }: FoundPath): Record<string, string | undefined> {
  const isDirectory = isFolder ? 'true' : undefined;
  return { name: path, isDirectory, contentLength: String(bytes), etag, lastModified: modified.toUTCString() };
}

function numberOf(query: URLSearchParams, name: string): number {
  const value = Number(query.get(name) ?? Number.NaN);
  if (!Number.isSafeInteger(value) || value < 0) throw badQuery(name, 'is not a whole number');
  return value;
}
