import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isLoopback } from './core/loopback.ts';

/** Where parts and watermarks go. A directory is absolute. */
export type Sink =
  | { readonly kind: 'lake'; readonly url: URL }
  | { readonly kind: 'directory'; readonly directory: string };

/** Says what is wrong with a URL and what to write; never repeats a query string, a user or a password. */
export class UrlError extends Error {
  override readonly name = 'UrlError';
}

export const LAKE_FORM = 'https://<account>.dfs.core.windows.net/<filesystem>[/<prefix>], or file:<directory>';
const LOCAL_FORM = 'http://127.0.0.1:<port>/<account>/<filesystem>[/<prefix>]';

/** @throws UrlError */
export function parseSink(text: string): Sink {
  if (/^file:/i.test(text)) return { kind: 'directory', directory: parseDirectory(text.slice('file:'.length)) };
  const url = parseUrl(text, LAKE_FORM);
  if (url.protocol.startsWith('abfs')) throw new UrlError(`found an ${url.protocol} URL, expected ${LAKE_FORM}`);
  const isLocal = checkTransport(url, LAKE_FORM);
  if (!isLocal && url.hostname.includes('.blob.')) {
    const dfs = url.hostname.replace('.blob.', '.dfs.');
    throw new UrlError(`found the blob endpoint ${show(url)}: write https://${dfs}${url.pathname}`);
  }
  if (!isLocal && !/^[a-z0-9.-]+\.dfs\.[a-z0-9.-]+$/.test(url.hostname)) {
    throw new UrlError(`found ${show(url)}, which is no Data Lake endpoint, expected ${LAKE_FORM}`);
  }
  const path = url.pathname.replace(/\/+$/, '');
  const form = isLocal ? LOCAL_FORM : LAKE_FORM;
  const [account = '', filesystem = '', ...prefix] = isLocal
    ? path.split('/').slice(1)
    : ['-', ...path.split('/').slice(1)];
  if (account === '') throw new UrlError(`found ${show(url)} without an account, expected ${form}`);
  if (filesystem === '') throw new UrlError(`found ${show(url)} without a filesystem, expected ${form}`);
  if (!/^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(filesystem)) {
    throw new UrlError(
      `found the filesystem "${filesystem}", expected 3 to 63 lower-case letters, digits and single hyphens`,
    );
  }
  if (prefix.includes('')) throw new UrlError(`found ${show(url)} with "//" in the prefix: write single slashes`);
  url.pathname = path;
  return { kind: 'lake', url };
}

/** The directory of a `file:` URL: relative to the working directory, or absolute with or without `//`. */
function parseDirectory(path: string): string {
  if (path === '')
    throw new UrlError('found file: without a directory, expected file:<directory>, such as file:./lake');
  if (!path.startsWith('//')) return resolve(path);
  try {
    return fileURLToPath(`file:${path}`);
  } catch (cause) {
    throw new UrlError('found a file: URL with a host, expected file:<directory>, such as file:./lake', { cause });
  }
}

/** @throws UrlError */
export function parseEndpoint(text: string): URL {
  const form = 'https://<host>/v1, such as https://api.loganalytics.io/v1';
  const url = parseUrl(text, form);
  checkTransport(url, form);
  url.pathname = url.pathname.replace(/\/+$/, '');
  if (!url.pathname.endsWith('/v1'))
    throw new UrlError(`found ${show(url)}, which does not end in /v1: write ${show(url).replace(/\/$/, '')}/v1`);
  return url;
}

/** Without what may be secret. */
function show(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function parseUrl(text: string, form: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new UrlError(`found something that is no URL, expected ${form}`); // perhaps a connection string
  return url;
}

/** Whether the URL is on loopback. @throws UrlError when a secret is in it, or it could be read on its way. */
function checkTransport(url: URL, form: string): boolean {
  if (!/^https?:$/.test(url.protocol)) throw new UrlError(`found a URL that is not https, expected ${form}`);
  if (url.username !== '' || url.password !== '') {
    throw new UrlError(
      `found ${show(url)} with a user or password: leave them out, access is granted to the app's identity`,
    );
  }
  if (url.search !== '' || url.hash !== '') {
    throw new UrlError(
      `found ${show(url)} with a query string (a SAS token?): leave it out, access is granted to the app's identity`,
    );
  }
  if (url.protocol === 'http:' && !isLoopback(url)) {
    throw new UrlError(`found ${show(url)}, plain http is for loopback addresses only: write https`);
  }
  return isLoopback(url);
}
