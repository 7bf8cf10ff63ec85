import type { TokenCredential } from '@azure/core-auth';
import type { Store } from '../../core/lake/store.ts';
import { openLake } from './client.ts';
import { lakeLocation } from './location.ts';
import { createReader } from './read.ts';
import { createWriter } from './write.ts';

/**
 * A file system, or a folder in one, in Azure Data Lake Storage Gen2 (hierarchical namespace) as a sink. See
 * `lakeLocation` for `url`, and `openLake` for where `credential` may be left out.
 */
export function createLakeStore(url: URL, credential: TokenCredential | undefined): Store {
  const lake = openLake(lakeLocation(url), credential);
  return { ...createReader(lake), ...createWriter(lake) };
}
