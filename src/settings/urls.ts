import { isLoopback } from '../core/loopback.ts';

const LAKE_FORM = 'https://<account>.dfs.core.windows.net/<filesystem>[/<prefix>], or file:<directory>';
const FLAT_FORM = 'https://<account>.blob.core.windows.net/<container>[/<prefix>]';
const LOCAL_FORM = 'http://127.0.0.1:<port>/<account>/<filesystem>[/<prefix>]';
const RECEIVER_FORM = 'https://<host>/<path>';
const ENDPOINT_FORM = 'https://<host>/v1, such as https://api.loganalytics.io/v1';

/** Azure, its clouds, and accounts in DNS zones: a token for storage goes there, so no other host is taken. */
const LAKE_HOST =
  /^[a-z0-9-]+\.(?:z\d+\.(?:dfs|blob)\.storage\.azure\.net|(?:dfs|blob)\.core\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn))$/;
const CLOUDS =
  'dfs.core.windows.net, dfs.core.usgovcloudapi.net or dfs.core.chinacloudapi.cn (blob for dfs: a flat account)';
const LAKE_PATH = /^\/(?=[^/]{3,63}(?:\/|$))[a-z0-9]+(?:-[a-z0-9]+)*(?:\/[^/]+)*$/;
/** Of its queues and tables; the one of its blobs, 10000, is a flat account. */
const AZURITE_PORTS: ReadonlySet<string> = new Set(['10001', '10002']);
const SPARK = /^(?:abfss?|wasbs?):\/\/([^@/?#]*)@([^@/?#]*)([^?#]*)$/;

/** The URL of a data lake, or of a flat account. @throws what was found and what to write. */
export function parseLake(text: string): URL {
  if (/^(abfs|wasb)s?:/.test(text)) throw new Error(sparkForm(text));
  const url = parseUrl(text, LAKE_FORM);
  const isLocal = isLoopback(url);
  if (isLocal && AZURITE_PORTS.has(url.port)) {
    throw new Error(
      `found ${url}, port ${url.port} is Azurite's own and has no files: its blobs are on port 10000, and npm run ` +
        'emulators puts a data lake before them, on port 10004',
    );
  }
  const path = isLocal ? url.pathname.replace(/^\/[^/]+/, '') : url.pathname; // without the account
  if (!isLocal && LAKE_PATH.test(path) && !LAKE_HOST.test(url.hostname)) {
    throw new Error(`found the host ${url.hostname}, expected <account>.${CLOUDS}: ${LAKE_FORM}`);
  }
  if (!LAKE_PATH.test(path)) {
    const isFlat = url.hostname.includes('.blob.');
    const [form, what] = isFlat ? [FLAT_FORM, 'container'] : [isLocal ? LOCAL_FORM : LAKE_FORM, 'filesystem'];
    const names = `a ${what} is 3 to 63 lower-case letters, digits and single hyphens`;
    throw new Error(`found ${url}, expected ${form}; ${names}`);
  }
  checkEscapes(path);
  return url;
}

/** @throws what was found and what to write. */
export function parseEndpoint(text: string): URL {
  const url = parseUrl(text, ENDPOINT_FORM);
  if (!url.pathname.endsWith('/v1')) throw new Error(`found ${url}, expected ${ENDPOINT_FORM}`);
  return url;
}

/** Where rows are posted to. No message repeats more than the host. @throws what was found and what to write. */
export function parseReceiver(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new Error(`found something that is no URL, expected ${RECEIVER_FORM}`);
  if (url.username || url.password || url.hash) {
    throw new Error(
      `found ${url.origin} with a user, password or fragment, expected ${RECEIVER_FORM}: access is by REST_AUDIENCE or ` +
        'REST_AUTHORIZATION',
    );
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return url;
  throw new Error(`found a URL that is not https, which only loopback addresses may have; expected ${RECEIVER_FORM}`);
}

/** A percent sign begins an escape, of a character that a folder's name may have. */
export function checkEscapes(path: string): void {
  for (const name of path.split('/')) {
    const folder = decode(name);
    if (folder === undefined) {
      throw new Error(`found "${name}" in the path, whose percent sign is no escape: write %25 for it`);
    }
    if (!/[/\\\p{Cc}]/u.test(folder)) continue;
    throw new Error(
      `found ${JSON.stringify(folder)} as the name of a folder, expected one without slashes, backslashes and control ` +
        'characters, escaped (%2F) or not',
    );
  }
}

/** A part of a URL without its escapes; `undefined` where a percent sign begins none. */
export function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** What to write in place of `abfss://<filesystem>@<account>.dfs.core.windows.net/<prefix>`. */
function sparkForm(text: string): string {
  const [, fileSystem = '', host = '', path = ''] = SPARK.exec(text) ?? [];
  const plain = `https://${host}/${fileSystem}${path}`;
  const isLake = LAKE_HOST.test(host) && LAKE_PATH.test(`/${fileSystem}`) && /^[\w./=-]*$/.test(path);
  return `found a URL as Spark writes it, expected ${isLake ? plain.replace(/\/+$/, '') : LAKE_FORM}`;
}

/**
 * Reads an http(s) URL and drops the slashes at its end. No message repeats a user, password, query string or fragment,
 * nor what is no URL: it may be a connection string.
 * @throws what was found and what to write.
 */
export function parseUrl(text: string, form: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new Error(`found ${text === '' ? 'nothing' : 'something that is no URL'}, expected ${form}`);
  if (!/^https?:$/.test(url.protocol)) throw new Error(`found a URL that is not https, expected ${form}`);
  const shown = `${url.origin}${url.pathname}`;
  if (url.username || url.password || url.search || url.hash) {
    throw new Error(
      `found ${shown} with a user, password, query string (a SAS token?) or fragment: leave it out, access is ` +
        "granted to the app's identity",
    );
  }
  if (url.hostname === '[::1]') throw new Error(`found ${shown}, the emulators listen on IPv4 only: write 127.0.0.1`);
  if (url.protocol === 'http:' && !isLoopback(url)) {
    throw new Error(`found ${shown}, plain http is for loopback addresses only: write https`);
  }
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}
