import { GUID } from './source.ts';
import { checkEscapes, parseUrl } from './urls.ts';

const FORM = 'https://onelake.dfs.fabric.microsoft.com/<workspace>/<item>/Files[/<prefix>]';
const HOST = /\.dfs\.fabric\.microsoft\.com$/;
/** The global one, and those of regions: a token for storage goes there. */
const ONELAKE = /^(?:[a-z0-9-]+-)?onelake\.dfs\.fabric\.microsoft\.com$/;

export function isOneLakeUrl(text: string): boolean {
  return HOST.test(URL.parse(text)?.hostname ?? '');
}

/** A folder below `Files` of an item in OneLake. @throws what was found and what to write. */
export function parseOneLake(text: string): URL {
  const url = parseUrl(text, FORM);
  if (!ONELAKE.test(url.hostname)) throw new Error(`found the host ${url.hostname}, expected ${FORM}`);
  const [, workspace = '', item = '', files, ...prefix] = url.pathname.split('/');
  if (workspace === '' || item === '' || files !== 'Files' || prefix.includes('')) {
    throw new Error(`found ${url}, expected ${FORM}: whatever lies above Files belongs to Fabric`);
  }
  if (GUID.test(workspace) !== GUID.test(item)) {
    throw new Error(
      `found ${url}, with one GUID and one name: workspace and item are both GUIDs or both names (${FORM})`,
    );
  }
  checkEscapes(url.pathname);
  return url;
}
