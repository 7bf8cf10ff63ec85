import type { TokenCredential } from '@azure/core-auth';
import { isRestError } from '@azure/core-rest-pipeline';
import { BlobServiceClient, ContainerClient, newPipeline } from '@azure/storage-blob';
import { hasProxy } from '../../core/proxy.ts';
import { lakeError } from '../lake/error.ts';
import { lakeLocation } from '../lake/location.ts';
import { direct, limit, RETRIES } from '../pipeline.ts';

/** The SDK's clients for one container, and how its places are called in messages. */
export interface Container {
  readonly blobs: ContainerClient;
  /** Sends each request once. */
  readonly once: ContainerClient;
  /** `''`, or folders in the container, with a `/` behind them. */
  readonly prefix: string;
  place(path: string): string;
}

/**
 * A container, or a folder in one: `https://<account>.blob.core.windows.net/<container>[/<prefix>]` (or that of another
 * cloud), or on loopback `http://127.0.0.1:<port>/<account>/<container>[/<prefix>]`, which is asked without a proxy.
 * @param credential may be left out on loopback: an emulator has a well-known one.
 */
export function openContainer(url: URL, credential: TokenCredential | undefined): Container {
  const location = lakeLocation(url);
  if (!credential && !location.isLoopback) {
    throw new Error(`${location.url} needs a credential: only an emulator on loopback does without`);
  }
  const access = credential ?? BlobServiceClient.fromConnectionString('UseDevelopmentStorage=true').credential;
  const open = (maxTries: number) => {
    const pipeline = newPipeline(access, { retryOptions: { ...RETRIES, maxTries } });
    if (location.isLoopback && hasProxy(process.env)) pipeline.factories.push(direct());
    return new ContainerClient(location.url, pipeline);
  };
  return {
    blobs: open(RETRIES.maxTries),
    once: open(1),
    prefix: location.prefix,
    place: (path) => `${location.fileSystem}/${location.prefix}${path}`,
  };
}

/**
 * Whether the container's account has a hierarchical namespace; `undefined` when it does not say (Azurite), or the
 * identity may not know.
 * @throws when the account cannot be asked.
 */
export async function isHierarchical({ blobs, place }: Container): Promise<boolean | undefined> {
  try {
    const { isHierarchicalNamespaceEnabled } = await blobs.getAccountInfo({ abortSignal: limit() });
    return isHierarchicalNamespaceEnabled;
  } catch (error) {
    if (isRestError(error) && error.statusCode === 403) return undefined;
    throw lakeError('look at the account of', place(''), error);
  }
}
