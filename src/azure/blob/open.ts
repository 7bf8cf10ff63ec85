import type { TokenCredential } from '@azure/core-auth';
import type { BlockStore } from '../../core/lake/blocks.ts';
import { isLoopback } from '../../core/loopback.ts';
import { type Container, isHierarchical, openContainer } from './client.ts';
import { createBlobStore } from './store.ts';

/**
 * The flat account that a sink's URL names; `undefined` when it names a lake. On loopback the account itself says which of
 * the two it is: Azurite is a flat account, and what the emulators put before it is a lake.
 * @throws when the host is that of a flat account, but the account has a hierarchical namespace.
 */
export async function openFlatAccount(
  url: URL,
  credential: TokenCredential | undefined,
): Promise<BlockStore | undefined> {
  if (isLoopback(url)) {
    const container = openContainer(url, credential);
    return (await isFlat(container)) ? createBlobStore(container) : undefined;
  }
  if (!url.hostname.includes('.blob.')) return undefined;
  const container = openContainer(url, credential);
  if (await isHierarchical(container)) {
    throw new Error(
      `The account of ${url.origin} has a hierarchical namespace, where parts must be staged and renamed: write ` +
        `${url.href.replace('.blob.', '.dfs.')} in SINK_URL`,
    );
  }
  return createBlobStore(container);
}

/** What cannot be asked is taken for a lake, whose own first request says what is wrong. */
async function isFlat(container: Container): Promise<boolean> {
  return isHierarchical(container).then(
    (found) => found === false,
    () => false,
  );
}
