import type { Entry, Found, Store } from '../../core/lake/store.ts';
import { createBodies } from '../body.ts';
import { limit, MAX_BODIES } from '../pipeline.ts';
import { ABSENT, type Lake } from './client.ts';
import { foundAt } from './entry.ts';
import { unless } from './error.ts';

type Reader = Pick<Store, 'read' | 'readStream' | 'stat' | 'list'>;

export function createReader({ fileSystem, fileAt, place, location }: Lake): Reader {
  async function open(path: string, signal: AbortSignal) {
    return unless(ABSENT, 'read', place(path), async () => {
      const answer = await fileAt(path).read(0, undefined, { abortSignal: signal, maxRetryRequests: MAX_BODIES });
      // The content of a folder is empty.
      if (!isFolder(answer)) return answer;
      answer.readableStreamBody?.resume();
      return undefined;
    });
  }

  async function stat(path: string): Promise<Found | undefined> {
    const found = await unless(ABSENT, 'look at', place(path), () =>
      fileAt(path).getProperties({ abortSignal: limit() }),
    );
    return found && foundAt(path, { ...found, isFolder: isFolder(found) });
  }

  async function* list(folder: string, options?: { readonly recursive: boolean }): AsyncGenerator<Entry> {
    const path = (location.prefix + folder).replace(/\/$/, '');
    const recursive = options?.recursive ?? false;
    const depth = location.prefix.split('/').length - 1;
    let continuationToken: string | undefined;
    do {
      const pages = fileSystem.listPaths({ path, recursive, abortSignal: limit() }).byPage({ continuationToken });
      const page = await unless(ABSENT, 'list', place(folder), () => pages.next());
      if (!page || page.done) return;
      for (const { name = '', isDirectory, contentLength = 0 } of page.value.pathItems ?? []) {
        const isFolder = isDirectory === true;
        // By their number, for OneLake may call the first one by its GUID.
        const found = name.split('/').slice(depth).join('/');
        yield { path: found, isFolder, bytes: isFolder ? 0 : contentLength };
      }
      continuationToken = page.value.continuation;
    } while (continuationToken);
  }

  return { ...createBodies(open, place), stat, list };
}

interface Answered {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly _response: { readonly headers: { get(name: string): string | undefined } };
}

/** The blob endpoint says it in metadata, and OneLake, which is asked at its DFS endpoint, in a header. */
function isFolder({ metadata, _response }: Answered): boolean {
  return metadata?.hdi_isfolder === 'true' || _response.headers.get('x-ms-resource-type') === 'directory';
}
