import { Agent } from 'node:http';
import type { TokenCredential } from '@azure/core-auth';
import {
  type DataLakeFileClient,
  DataLakeFileSystemClient,
  DataLakeServiceClient,
  newPipeline,
  type RequestPolicyFactory,
} from '@azure/storage-file-datalake';
import { hasProxy } from '../../core/proxy.ts';
import { codeOf, lakeError, TIMEOUT_MS } from './error.ts';
import type { LakeLocation } from './location.ts';

const RETRIES = { maxTries: 4, retryDelayInMs: 1_000, maxRetryDelayInMs: 8_000 };
/** How often a body that broke is asked for again, from where it broke. */
export const MAX_BODIES = RETRIES.maxTries;

/** Nothing at the path. A missing file system, or a 404 from something that is not the service, is an error. */
export const ABSENT = ['PathNotFound', 'BlobNotFound'];

/** The SDK's clients for one sink, and how its places are called in messages. */
export interface Lake {
  readonly location: LakeLocation;
  readonly fileSystem: DataLakeFileSystemClient;
  fileAt(path: string): DataLakeFileClient;
  place(path: string): string;
}

/**
 * A loopback address is asked without a proxy.
 * @param credential may be left out on loopback: an emulator has a well-known one.
 */
export function openLake(location: LakeLocation, credential: TokenCredential | undefined): Lake {
  if (!credential && !location.isLoopback) {
    throw new Error(`${location.url} needs a credential: only an emulator on loopback does without`);
  }
  const emulator = () => DataLakeServiceClient.fromConnectionString('UseDevelopmentStorage=true').credential;
  const pipeline = newPipeline(credential ?? emulator(), { retryOptions: RETRIES });
  if (location.isLoopback && hasProxy(process.env)) pipeline.factories.push(direct());
  const fileSystem = new DataLakeFileSystemClient(location.url, pipeline);
  return {
    location,
    fileSystem,
    fileAt: (path) => fileSystem.getFileClient(location.prefix + path),
    place: (path) => `${location.fileSystem}/${location.prefix}${path}`,
  };
}

/** The SDK offers no way to leave out a proxy, but lets an agent that is there be. */
function direct(): RequestPolicyFactory {
  const agent = new Agent({ keepAlive: true });
  return {
    create: (next) => ({
      sendRequest(request) {
        request.agent = agent;
        return next.sendRequest(request);
      },
    }),
  };
}

/** For one call, the SDK's retries included: a connection that went silent must not hold a run for ever. */
export function limit(): AbortSignal {
  return AbortSignal.timeout(TIMEOUT_MS);
}

/** What the call answers; `undefined` when the service answers with one of `codes`. */
export async function unless<T>(
  codes: readonly string[],
  action: string,
  place: string,
  call: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (codes.includes(codeOf(error) ?? '')) return undefined;
    throw lakeError(action, place, error);
  }
}
