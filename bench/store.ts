import { fileURLToPath } from 'node:url';
import type { Store } from '../src/core/lake/store.ts';

/** A directory, or a lake on loopback; only what is needed is loaded, as in the app. */
export async function openStore(sink: URL): Promise<Store> {
  if (sink.protocol === 'file:') {
    const { createFileStore } = await import('../src/file/store.ts');
    return createFileStore(fileURLToPath(sink));
  }
  const { createLakeStore } = await import('../src/azure/lake/store.ts');
  return createLakeStore(sink, undefined);
}
