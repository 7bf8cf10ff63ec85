import { createLake } from '../src/core/lake/lake.ts';
import type { Store } from '../src/core/lake/store.ts';
import { createMemoryStore } from './support/memory-store.ts';
import { plainLines } from './support/plain-lines.ts';
import { testSessionsAhead } from './support/session-ahead-suite.ts';
import { testAudit } from './support/session-audit-suite.ts';
import { testSessions } from './support/session-suite.ts';

/** The rows that someone sees who lists the parts. */
async function idsIn(store: Store, folder: string): Promise<number[]> {
  const ids: number[] = [];
  for await (const { path, isFolder } of store.list(folder)) {
    if (path.slice(path.lastIndexOf('/') + 1).startsWith('_')) continue;
    if (isFolder) ids.push(...(await idsIn(store, path)));
    else for (const line of ((await store.read(path))?.text ?? '').split('\n').filter(Boolean)) ids.push(idOf(line));
  }
  return ids.sort((a, b) => a - b);
}

function idOf(line: string): number {
  return Number(JSON.parse(line).ItemId.slice('item-'.length));
}

for (const keepsEtag of [true, false]) {
  const name = `a lake whose files ${keepsEtag ? 'keep' : 'lose'} their etag when they are renamed`;
  const makeSink = async () => {
    const store = createMemoryStore({ keepsEtag });
    const sink = createLake({ store, format: plainLines, now: Date.now });
    return { sink, visible: () => idsIn(store, 'requests') };
  };
  testSessions(name, makeSink);
  testSessionsAhead(name, makeSink);
  testAudit(name, makeSink);
}
