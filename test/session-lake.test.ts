import { createFlat } from '../src/core/lake/flat.ts';
import { createLake } from '../src/core/lake/lake.ts';
import { createMemoryBlocks } from './support/memory-blocks.ts';
import { createMemoryStore } from './support/memory-store.ts';
import { plainLines } from './support/plain-lines.ts';
import { testSessionsAhead } from './support/session-ahead-suite.ts';
import { testAudit } from './support/session-audit-suite.ts';
import { testSessions } from './support/session-suite.ts';
import { visibleIds } from './support/visible-ids.ts';

for (const keepsEtag of [true, false]) {
  const name = `a lake whose files ${keepsEtag ? 'keep' : 'lose'} their etag when they are renamed`;
  const makeSink = async () => {
    const store = createMemoryStore({ keepsEtag });
    const sink = createLake({ store, format: plainLines, now: Date.now });
    return { sink, visible: () => visibleIds(store, 'requests') };
  };
  testSessions(name, makeSink);
  testSessionsAhead(name, makeSink);
  testAudit(name, makeSink);
}

for (const dropsBlocks of [true, false]) {
  const name = `a flat account that ${dropsBlocks ? 'drops' : 'keeps'} unseen blocks when a file is removed`;
  const makeSink = async () => {
    const store = createMemoryBlocks({ dropsBlocks });
    const sink = createFlat({ store, format: plainLines, now: Date.now, pause: async () => {} });
    return { sink, visible: () => visibleIds(store, 'requests') };
  };
  testSessions(name, makeSink);
  testSessionsAhead(name, makeSink);
  testAudit(name, makeSink);
}
