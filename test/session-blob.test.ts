import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { openFlatAccount } from '../src/azure/blob/open.ts';
import { createFlat } from '../src/core/lake/flat.ts';
import { type BlobAccount, startBlobAccount } from './support/blob-account.ts';
import { plainLines } from './support/plain-lines.ts';
import { testSessionsAhead } from './support/session-ahead-suite.ts';
import { testAudit } from './support/session-audit-suite.ts';
import { testSessions } from './support/session-suite.ts';
import { visibleIds } from './support/visible-ids.ts';

describe('a flat account on Azurite', () => {
  let account: BlobAccount;
  before(async () => {
    account = await startBlobAccount();
  });
  after(() => account.close());

  const makeSink = async () => {
    const { url } = await account.create();
    const store = await openFlatAccount(new URL(`${url}/team%20a/lake`), undefined);
    assert.ok(store, 'Azurite is a flat account');
    const sink = createFlat({ store, format: plainLines, now: Date.now, pause: async () => {} });
    return { sink, visible: () => visibleIds(store, 'requests') };
  };
  testSessions('it', makeSink);
  testSessionsAhead('it', makeSink);
  testAudit('it', makeSink);
});
