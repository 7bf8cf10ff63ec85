import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isLoopback } from '../core/loopback.ts';

const LAKE_FORM = 'https://<account>.dfs.core.windows.net/<filesystem>[/<prefix>], or file:<directory>';
const LOCAL_FORM = 'http://127.0.0.1:<port>/<account>/<filesystem>[/<prefix>]';
const ENDPOINT_FORM = 'https://<host>/v1, such as https://api.loganalytics.io/v1';

const LAKE_HOST = /^[a-z0-9.-]+\.dfs\.[a-z0-9.-]+$/;
const LAKE_PATH = /^\/(?=[^/]{3,63}(?:\/|$))[a-z0-9]+(?:-[a-z0-9]+)*(?:\/[^/]+)*$/;

/**
 * Where parts and watermarks go: a lake's URL, or the `file:` URL of a directory.
 * @throws what was found and what to write.
 */
export function parseSink(text: string): URL {
  if (/^file:/i.test(text)) return parseDirectory(text);
  const url = parseUrl(text, LAKE_FORM);
  const isLocal = isLoopback(url);
  const path = isLocal ? url.pathname.replace(/^\/[^/]+/, '') : url.pathname; // without the account
  if (LAKE_PATH.test(path) && (isLocal || LAKE_HOST.test(url.hostname))) return url;
  const names = 'a filesystem is 3 to 63 lower-case letters, digits and single hyphens';
  throw new Error(`found ${url}, expected ${isLocal ? LOCAL_FORM : LAKE_FORM}; ${names}`);
}

/** Relative to the working directory, or absolute with or without `//`. */
function parseDirectory(text: string): URL {
  const path = text.slice('file:'.length);
  const url = path.startsWith('//') ? new URL(text) : pathToFileURL(resolve(path));
  if (path !== '' && url.host === '') return url;
  throw new Error(
    'found a file: URL without a directory or with a host, expected file:<directory>, such as file:./lake',
  );
}

/** @throws what was found and what to write. */
export function parseEndpoint(text: string): URL {
  const url = parseUrl(text, ENDPOINT_FORM);
  if (!url.pathname.endsWith('/v1')) throw new Error(`found ${url}, expected ${ENDPOINT_FORM}`);
  return url;
}

/**
 * Reads an http(s) URL and drops the slashes at its end. No message repeats a user, password, query string or fragment, nor
 * what is no URL: it may be a connection string.
 * @throws what was found and what to write.
 */
function parseUrl(text: string, form: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new Error(`found ${text === '' ? 'nothing' : 'something that is no URL'}, expected ${form}`);
  if (!/^https?:$/.test(url.protocol)) throw new Error(`found a URL that is not https, expected ${form}`);
  const shown = `${url.origin}${url.pathname}`;
  if (url.username || url.password || url.search || url.hash) {
    throw new Error(
      `found ${shown} with a user, password, query string (a SAS token?) or fragment: leave it out, access is granted to ` +
        "the app's identity",
    );
  }
  if (url.protocol === 'http:' && !isLoopback(url)) {
    throw new Error(`found ${shown}, plain http is for loopback addresses only: write https`);
  }
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}
