import type { TokenCredential } from '@azure/core-auth';
import {
  type DataLakeFileClient,
  DataLakeFileSystemClient,
  DataLakeServiceClient,
  newPipeline,
} from '@azure/storage-file-datalake';
import { hasProxy } from '../../core/proxy.ts';
import { direct, RETRIES } from '../pipeline.ts';
import type { LakeLocation } from './location.ts';

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
