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
  if (!isLoopback(url) && !hasBlobHost(url)) return undefined;
  const container = openContainer(url, credential);
  // On loopback the first request of the lake says what is wrong.
  const found = await isHierarchical(container).catch((error: unknown) => {
    if (isLoopback(url)) return true;
    throw error;
  });
  return isFlat(url, found) ? createBlobStore(container) : undefined;
}

/**
 * Whether a sink's URL names a flat account. On loopback the account itself says which of the two it is: Azurite is a flat
 * account, and what the emulators put before it is a lake.
 * @param hasNamespace a hierarchical one; `undefined` where the identity may not know.
 * @throws when the host is that of a flat account, but the account has a hierarchical namespace.
 */
export function isFlat(url: URL, hasNamespace: boolean | undefined): boolean {
  if (isLoopback(url)) return hasNamespace !== true;
  if (hasNamespace !== true) return true;
  throw new Error(
    `The account of ${url.host} has a hierarchical namespace, where parts must be staged and renamed: write ` +
      `${url.href.replace('.blob.', '.dfs.')} in SINK_URL`,
  );
}

function hasBlobHost(url: URL): boolean {
  return url.hostname.includes('.blob.');
}
