import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type LogsEmulator, startLogsEmulator } from '../src/local/logs/emulator.ts';
import { runCli } from './support/cli.ts';
import { ingestNamed, minutesAgo } from './support/e2e-world.ts';
import { type Fate, type Receiver, startReceiver } from './support/receiver.ts';

let logs: LogsEmulator;
let receiver: Receiver;
let folder: string;
let fate: Fate = 'take';
const PLANTED = /hush/;

before(async () => {
  [logs, receiver, folder] = await Promise.all([
    startLogsEmulator(),
    startReceiver(({ headers, path }) =>
      fate === 'take' ? 'take' : { status: 400, body: `bad ${headers.authorization} ${path}` },
    ),
    mkdtemp(join(tmpdir(), 'monitorlift-rest-')),
  ]);
});
after(async () => {
  await Promise.all([logs.close(), receiver[Symbol.asyncDispose](), rm(folder, { recursive: true, force: true })]);
});

test('the command line delivers, checks, reports, and shows no secret, not even with the log of the SDKs', async () => {
  const names = await ingestNamed(logs, 'AppRequests', 30, minutesAgo(10));
  const settings = {
    APPINSIGHTS_WORKSPACE_ID: logs.workspaceId,
    LOGS_ENDPOINT: logs.endpoint,
    SINK_URL: `file:${join(folder, 'lake')}`,
    EXPORTS: 'requests',
    EXPORT_LAG_MINUTES: '0',
    EXPORT_LOOKBACK_HOURS: '0.5',
    REST_URL: `${receiver.url.href}?code=hush-code`,
    REST_AUTHORIZATION: 'Bearer hush-token',
    AZURE_LOG_LEVEL: 'verbose',
  };
  const steps: [string[], Fate, number, RegExp][] = [
    [
      ['check'],
      'take',
      0,
      /ok {3}sink: .*keeps conditions; REST_URL \(http:\/\/127\.0\.0\.1:\d+\) is not asked before/,
    ],
    [['run', '--once'], { status: 400 }, 1, /REST_URL \(http:\/\/127\.0\.0\.1:\d+\) refused "requests\/.*": 400: bad /],
    [['status'], 'take', 0, /requests/],
    [['run', '--once'], 'take', 0, /requests/],
    [['verify'], 'take', 0, /requests: cannot be verified: what has been delivered cannot be read back/],
  ];
  for (const [args, next, code, expected] of steps) {
    fate = next;
    const { code: found, stdout, stderr } = await runCli(args, settings, folder);
    assert.equal(found, code, stdout + stderr);
    assert.match(stdout, expected);
    assert.doesNotMatch(stdout + stderr, PLANTED);
  }
  const rows = [...receiver.taken.values()].flat().map((line) => JSON.parse(line).OperationName);
  assert.deepEqual(rows.sort(), names.sort());
  assert.deepEqual(receiver.posts.at(-1)?.headers.authorization, 'Bearer hush-token');
  const exported = await readdir(join(folder, 'lake/requests'));
  assert.deepEqual(exported.filter((name) => name !== '_staging').sort(), ['_schema.json', '_watermark.json']);
});
