import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { inspect } from 'node:util';
import { createApp } from '../src/app.ts';
import { createLakeStore } from '../src/azure/lake/store.ts';
import { createLogs } from '../src/azure/logs/logs.ts';
import { parseSettings } from '../src/settings/settings.ts';
import { type CliResult, runCli } from './support/cli.ts';
import {
  type EmulatorProxy,
  lakeRefusal,
  logsRefusal,
  type Passing,
  type Refusal,
  startProxy,
} from './support/e2e-proxy.ts';
import { ingestNamed, minutesAgo, openWorld, type Sink, type World } from './support/e2e-world.ts';
import { buildApp, type FunctionsHost, removeApp, startHost } from './support/functions-host.ts';

/** Each of these is planted somewhere; none may come out, nor what carries them. The last two are the emulators' own. */
const PLANTED = /hush|aHVzaC|SharedKey [a-z]|Bearer [A-Za-z]|Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6/;
const CONNECTION =
  'DefaultEndpointsProtocol=https;AccountName=lake;AccountKey=aHVzaC1rZXk=;EndpointSuffix=core.windows.net';
/** Of the platform and the sign-in: there in every run. */
const ENVIRONMENT = {
  APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=hush-key;IngestionEndpoint=https://127.0.0.1:9/',
  AZURE_CLIENT_ID: '00000000-0000-0000-0000-000000000003',
  AZURE_CLIENT_SECRET: 'hush-client-secret',
  AZURE_TENANT_ID: '00000000-0000-0000-0000-000000000004',
  AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential',
  AzureWebJobsStorage: CONNECTION,
};

let world: World;
let sink: Sink;
let app: string;
let folder: string;
let host: FunctionsHost;
let proxies: EmulatorProxy[];
let settings: Record<string, string>;
/** What happens to requests of the exporter on their way. */
let refuse: { logs?: (request: Passing) => Refusal | undefined; lake?: (request: Passing) => Refusal | undefined } = {};

before(async () => {
  [world, app, folder] = await Promise.all([openWorld(), buildApp(), mkdtemp(join(tmpdir(), 'monitorlift-secrets-'))]);
  sink = await world.openSink();
  proxies = await Promise.all([
    startProxy(world.logs.endpoint, (request) => refuse.logs?.(request)),
    startProxy(sink.url, (request) => refuse.lake?.(request)),
  ]);
  const [logs, lake] = proxies.map(({ url }) => url);
  settings = {
    ...ENVIRONMENT,
    ...sink.settings({ EXPORTS: 'requests,traces', LOGS_ENDPOINT: `${logs}`, SINK_URL: `${lake}` }),
  };
  host = await startHost(app, settings);
});
after(async () => {
  await host.stop();
  await Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
  await Promise.all([world[Symbol.asyncDispose](), removeApp(app), rm(folder, { recursive: true, force: true })]);
});
beforeEach(() => {
  refuse = {};
});

function checkText(text: string): void {
  const [found] = PLANTED.exec(text) ?? [];
  assert.equal(found, undefined, text);
}

function checkResult({ stdout, stderr }: CliResult): void {
  checkText(`${stdout}\n${stderr}`);
}

/** All that anyone could print of an error, its causes included. */
function checkError(error: unknown): void {
  const { stack } = error as Error;
  checkText([String(error), stack, JSON.stringify(error), inspect(error, { depth: 20, showHidden: true })].join('\n'));
}

test('what succeeds shows no secret, not even with the log of the SDKs', async () => {
  await ingestNamed(world.logs, 'AppRequests', 3, minutesAgo(10));
  const loud = { ...settings, AZURE_LOG_LEVEL: 'verbose' };
  for (const args of [['check'], ['run', '--once'], ['status', '--json']]) {
    const result = await runCli(args, args[0] === 'run' ? loud : settings, folder);
    assert.equal(result.code, 0, result.stdout);
    assert.equal(/^azure:/m.test(result.stderr), args[0] === 'run', 'the SDKs log their requests');
    checkResult(result);
  }
  const { error, logs } = await host.invoke('exportRequests');
  assert.equal(error, undefined);
  checkText(JSON.stringify(logs));
});

const malformed = { status: 200, body: '{"tables":[{"name":"PrimaryResult","columns":[{}],"rows":[[' };
const again = (refusal: Refusal): Refusal => ({ ...refusal, headers: { ...refusal.headers, 'retry-after': '0' } });
const isWatermark = ({ method, url }: Passing) => method === 'GET' && url.includes('_watermark.json');
const damaged: Refusal = {
  status: 200,
  body: 'damaged',
  headers: { etag: '"1"', 'last-modified': new Date().toUTCString(), 'content-length': '7' },
};
const failures: [string, typeof refuse, RegExp][] = [
  ['Logs answers 401', { logs: () => logsRefusal(401, 'InvalidTokenError') }, /refuses to read workspace/],
  ['Logs answers 403', { logs: () => logsRefusal(403, 'InsufficientAccessError') }, /refuses to read workspace/],
  ['Logs answers 404', { logs: () => logsRefusal(404, 'WorkspaceNotFoundError') }, /does not know workspace/],
  ['Logs answers 500', { logs: () => again(logsRefusal(500, 'InternalServerError')) }, /Logs answered 500/],
  ['Logs answers 429', { logs: () => again(logsRefusal(429, 'ThrottledError')) }, /throttling/],
  ['Logs answers something else', { logs: () => ({ status: 200, body: '<html>signed in?</html>' }) }, /Logs at/],
  ['Logs answers malformed JSON', { logs: () => malformed }, /Logs at/],
  ['the lake answers 403', { lake: () => lakeRefusal(403, 'AuthorizationPermissionMismatch') }, /Cannot read.*Grant/],
  ['the lake answers 404', { lake: () => lakeRefusal(404, 'FilesystemNotFound') }, /file system does not exist/],
  [
    'the watermark is damaged',
    { lake: (request) => (isWatermark(request) ? damaged : undefined) },
    /7 characters that are not JSON/,
  ],
];
for (const [name, refusal, expected] of failures) {
  test(`${name}: command line, function and error show no secret`, async () => {
    refuse = refusal;
    const result = await runCli(['run', '--once', '--export', 'requests'], settings, folder);
    assert.match(result.stdout, expected);
    assert.equal(result.code, 1, result.stdout);
    checkResult(result);

    const { error = '', logs } = await host.invoke('exportRequests');
    assert.match(error, expected);
    checkText(error + JSON.stringify(logs));

    const inProcess = createApp(parseSettings(settings));
    const [exported] = inProcess.settings.exports;
    assert.ok(exported);
    const write = (message: string) => checkText(message);
    const log = { debug: write, info: write, warn: write, error: write };
    await assert.rejects(inProcess.run(exported, { log }, new AbortController().signal), (thrown) => {
      checkError(thrown);
      return true;
    });
  });
}

test('settings that hold secrets where none belong are refused without them', async () => {
  const wrong = {
    ...ENVIRONMENT,
    APPINSIGHTS_WORKSPACE_ID: 'InstrumentationKey=hush-key',
    LOGS_ENDPOINT: 'https://user:hush-password@api.loganalytics.io/v1',
    SINK_URL: 'https://lake.dfs.core.windows.net/telemetry?sv=2026-02-06&sig=hush-signature',
  };
  for (const env of [wrong, { ...wrong, SINK_URL: CONNECTION }]) {
    for (const args of [['run', '--once'], ['check', '--json'], ['status']]) {
      const result = await runCli(args, env, folder);
      assert.equal(result.code, 2);
      assert.match(result.stderr, /SINK_URL: found /);
      checkResult(result);
    }
    assert.throws(
      () => parseSettings(env),
      (thrown) => {
        checkError(thrown);
        return true;
      },
    );
  }
});

test('a sign-in that fails shows neither the client secret nor the password of the proxy', async () => {
  const proxy = createServer();
  proxy.on('connect', (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const { port } = proxy.address() as AddressInfo;
  const cloud = {
    ...ENVIRONMENT,
    APPINSIGHTS_WORKSPACE_ID: world.logs.workspaceId,
    HTTPS_PROXY: `http://user:hush-proxy@127.0.0.1:${port}`, // nothing leaves this machine
  };
  const results = await Promise.all([
    runCli(['run', '--once', '--export', 'requests'], { ...cloud, SINK_URL: 'file:lake' }, folder),
    runCli(
      ['status', '--export', 'requests'],
      { ...cloud, SINK_URL: 'https://lake.dfs.core.windows.net/telemetry' },
      folder,
    ),
  ]);
  proxy.close();
  proxy.closeAllConnections();
  for (const result of results) {
    assert.equal(result.code, 1, result.stderr);
    checkResult(result);
  }
  assert.match(results[0].stdout, /no token for https:\/\/api\.loganalytics\.io\/\.default/);
});

test('a bearer token shows in no error of the lake and the Logs that carry it', async () => {
  const credential = { getToken: async () => ({ token: 'hush-bearer', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
  const endpoint = new URL(settings.LOGS_ENDPOINT ?? '');
  const logs = createLogs({ endpoint, credential, retry: { attempts: 2, delayMs: 1 } });
  const signal = new AbortController().signal;
  const query = { source: 'w', kql: 'AppRequests', timespan: { startMs: 0, endMs: 1 }, timeoutMs: 60_000, signal };
  const seen: unknown[] = [];
  for (const [, { logs: refusal }] of failures.filter(([, each]) => each.logs)) {
    refuse = {
      logs: (request) => {
        seen.push(request.headers.authorization);
        return refusal?.(request);
      },
    };
    await logs
      .query(query, async ({ batches }) => void (await Array.fromAsync(batches)))
      .then(() => assert.fail(), checkError);
  }
  assert.deepEqual([...new Set(seen)], ['Bearer hush-bearer']);
  const unreachable = createLogs({
    endpoint: new URL('http://127.0.0.1:9/v1'),
    credential,
    retry: { attempts: 1, delayMs: 1 },
  });
  await assert.rejects(
    unreachable.query(query, async () => undefined),
    (thrown) => {
      checkError(thrown);
      return true;
    },
  );
  const store = createLakeStore(new URL('https://lake.dfs.invalid/f'), credential);
  await assert.rejects(store.read('a'), (thrown) => {
    assert.match(String(thrown), /Cannot read f\/a/);
    checkError(thrown);
    return true;
  });
});
