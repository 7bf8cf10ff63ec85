import type { TokenCredential } from '@azure/core-auth';
import type { BlockStore } from '../../core/lake/blocks.ts';
import { isLoopback } from '../../core/loopback.ts';
import { isHierarchical, openContainer } from './client.ts';
import { createBlobStore } from './store.ts';

/** The flat account that a sink's URL names; `undefined` when it names a lake. @throws as `isFlat`. */
export async function openFlatAccount(
  url: URL,
  credential: TokenCredential | undefined,
): Promise<BlockStore | undefined> {
  const container = openContainer(new URL(url.href.replace(DFS, '.blob.$1.')), credential);
  const found = await isHierarchical(container).catch((error: unknown) => {
    if (hasBlobHost(url)) throw error;
    return true; // the first request of the lake says what is wrong
  });
  return isFlat(url, found) ? createBlobStore(container) : undefined;
}

/**
 * Whether a sink's URL names a flat account. On loopback the account itself says which of the two it is: Azurite is a flat
 * account, and what the emulators put before it is a lake.
 * @param hasNamespace a hierarchical one; `undefined` where nobody says.
 * @throws when the account is of the other kind than the host.
 */
export function isFlat(url: URL, hasNamespace: boolean | undefined): boolean {
  if (isLoopback(url)) return hasNamespace !== true;
  const isBlobHost = hasBlobHost(url);
  if (hasNamespace === undefined || hasNamespace !== isBlobHost) return isBlobHost;
  const [what, from, to] = isBlobHost ? ['a', '.blob.', '.dfs.'] : ['no', '.dfs.', '.blob.'];
  throw new Error(
    `The account of ${url.host} has ${what} hierarchical namespace: write ${url.href.replace(from, to)} in SINK_URL`,
  );
}

/** As Azure's own lakes have it. */
const DFS = /\.dfs\.(core|storage)\./;

function hasBlobHost(url: URL): boolean {
  return url.hostname.includes('.blob.');
}
