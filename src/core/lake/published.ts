import { readColumn } from '../formats/column.ts';
import type { Sink } from '../sink.ts';
import { listParts, newestPart } from './part.ts';
import { readVersions } from './schema.ts';
import type { Files } from './store.ts';
import { readVerdicts } from './verdicts.ts';

type Published = Required<Pick<Sink, 'newest' | 'parts' | 'read' | 'schema' | 'verdicts'>>;

/** What a sink of files says about what readers can see, whatever its parts were at first. */
export function createPublished(store: Files): Published {
  return {
    newest: (exportName) => newestPart(store, exportName),
    parts: (exportName, hours) => listParts(store, exportName, hours),
    async read({ path }, column) {
      const content = await store.readStream(path);
      return content && readColumn(path, content, column);
    },
    schema: (exportName) => readVersions(store, exportName),
    verdicts: (exportName, dayMs) => readVerdicts(store, exportName, dayMs),
  };
}
