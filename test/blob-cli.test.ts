import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type BlobAccount, startBlobAccount } from './support/blob-account.ts';
import { HOUR_MS, useCliFolder } from './support/cli-folder.ts';

const use = useCliFolder();
let account: BlobAccount;

before(async () => {
  account = await startBlobAccount();
});
after(() => account.close());

test('start, status and check work on a flat account, and check leaves nothing there', async () => {
  use.answerLooks();
  const { url, container } = await account.create();
  use.env.SINK_URL = `${url}/lake`;
  const at = new Date(Date.now() - HOUR_MS).toISOString();
  const started = await use.cli('start', '--at', at, '--export', 'traces');
  assert.deepEqual([started.stdout, started.code], [`traces: the next run begins at ${at}\n`, 0]);
  const state = JSON.parse((await use.cli('status', '--export', 'traces', '--json')).stdout);
  assert.equal(state.watermark, at);
  const checked = await use.cli('check', '--export', 'traces');
  assert.match(checked.stdout, /^ok {3}sink: writes, publishes, reads and deletes, and keeps conditions$/m);
  const names = await Array.fromAsync(container.listBlobsFlat(), ({ name }) => name);
  assert.deepEqual(names, ['lake/traces/_watermark.json']);
});

test('check and status name a container that is not there', async () => {
  const { url } = await account.create();
  use.env.SINK_URL = `${url}-not`;
  const reason =
    /ContainerNotFound\)\. The container .* create it, or correct SINK_URL: The specified container does not exist\.$/m;
  assert.match((await use.cli('status', '--export', 'traces')).stdout, reason);
  const { stdout, code } = await use.cli('check', '--export', 'traces');
  assert.match(stdout, /^FAIL sink: .*ContainerNotFound.* create it, or correct SINK_URL/m);
  assert.equal(code, 1);
});
