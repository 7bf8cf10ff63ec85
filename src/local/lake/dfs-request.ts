import type { IncomingMessage } from 'node:http';
import { badQuery, DfsError, notOffered } from './dfs-error.ts';
import type { Place } from './place.ts';

/** What a request asks of the DFS endpoint. */
export type DfsAction = 'create' | 'rename' | 'append' | 'flush' | 'delete' | 'list';

/** The query parameters of each; others are refused, as OneLake does it. */
const PARAMETERS: Readonly<Record<DfsAction, readonly string[]>> = {
  create: ['resource'],
  rename: ['mode'],
  append: ['action', 'position', 'flush'],
  flush: ['action', 'position', 'close', 'retainUncommittedData'],
  delete: ['recursive', 'paginated', 'continuation'],
  list: ['resource', 'directory', 'recursive', 'continuation', 'maxResults', 'upn'],
};
const OF_ALL = ['timeout'];

export interface DfsRequest {
  readonly place: Place;
  readonly query: URLSearchParams;
  /** `undefined`: a request for the blob endpoint. On loopback both have the same address. */
  readonly action: DfsAction | undefined;
}

/** @throws DfsError for a DFS request that the gateway does not answer. */
export function readDfsRequest({ url = '/', method, headers }: IncomingMessage): DfsRequest {
  const { pathname, searchParams: query } = new URL(url, 'http://127.0.0.1');
  const action = actionOf(method, query, 'x-ms-rename-source' in headers);
  if (action !== undefined) checkQuery(action, query);
  return { place: placeOf(pathname), query, action };
}

function checkQuery(action: DfsAction, query: URLSearchParams): void {
  for (const name of query.keys()) {
    if (PARAMETERS[action].includes(name) || OF_ALL.includes(name)) continue;
    throw new DfsError(400, 'UnsupportedQueryParameter', `The query parameter ${name} is not supported for ${action}.`);
  }
  if (!['legacy', 'posix', null].includes(query.get('mode'))) throw badQuery('mode', 'is neither legacy nor posix');
}

/** The place that `/<account>/<filesystem>/<path>`, percent-encoded, names. */
export function placeOf(pathname: string): Place {
  const [, , fileSystem = '', ...names] = pathname.split('?', 1).join().split('/').map(decodeURIComponent);
  return { fileSystem, path: names.join('/') };
}

function actionOf(method: string | undefined, query: URLSearchParams, hasSource: boolean): DfsAction | undefined {
  const resource = query.get('resource');
  const action = query.get('action');
  if (method === 'PUT' && hasSource) return 'rename';
  if (method === 'PUT' && (resource === 'file' || resource === 'directory')) return 'create';
  if (method === 'PATCH' && (action === 'append' || action === 'flush')) return action;
  if (method === 'DELETE' && (query.has('recursive') || query.has('paginated'))) return 'delete';
  if (method === 'GET' && resource === 'filesystem') return 'list';
  if (resource !== null || action !== null)
    throw notOffered(`${method} with resource=${resource} and action=${action}`);
  return undefined;
}
