import { fileURLToPath } from 'node:url';
import { createLakeStore } from '../src/azure/lake/store.ts';
import type { Store } from '../src/core/lake/store.ts';
import { createFileStore } from '../src/file/store.ts';

/** A directory, or a lake on loopback. */
export function openStore(sink: URL): Store {
  return sink.protocol === 'file:' ? createFileStore(fileURLToPath(sink)) : createLakeStore(sink, undefined);
}
