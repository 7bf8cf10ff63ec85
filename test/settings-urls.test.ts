import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Env } from '../src/settings/reader.ts';
import { parse, problemOf } from './support/settings.ts';

test('SINK_URL takes a data lake, a local one, and a directory', () => {
  const sinkOf = (SINK_URL: string) => {
    const { sink } = parse({ SINK_URL });
    return sink.protocol === 'file:' ? fileURLToPath(sink) : sink.href;
  };
  const same = [
    'https://lake.dfs.core.windows.net/telemetry/a/b',
    'https://lake.dfs.core.usgovcloudapi.net/telemetry',
    'https://lake.dfs.core.chinacloudapi.cn/telemetry',
    'https://lake.dfs.core.windows.net/telemetry/100%25%20of/%C3%A4',
    'https://lake.z12.dfs.storage.azure.net/telemetry',
    'https://flat.blob.core.windows.net/telemetry/a/b',
    'https://flat.blob.core.usgovcloudapi.net/telemetry',
    'https://flat.z12.blob.storage.azure.net/telemetry',
    'http://127.0.0.1:10000/devstoreaccount1/telemetry',
    'http://127.0.0.1:10004/devstoreaccount1/telemetry/a',
    'http://localhost:10004/devstoreaccount1/telemetry',
  ];
  for (const url of same) assert.equal(sinkOf(url), url);
  assert.equal(sinkOf('https://lake.dfs.core.windows.net/telemetry/'), 'https://lake.dfs.core.windows.net/telemetry');
  for (const url of ['file:lake', 'file:./lake/', 'FILE:lake']) assert.equal(sinkOf(url), resolve('lake'));
  assert.equal(sinkOf('file:/var/lake'), resolve('/var/lake'));
  // On Windows with its drive.
  for (const place of ['/var/lake', '/var/my lake']) {
    assert.equal(sinkOf(pathToFileURL(resolve(place)).href), resolve(place));
  }
  assert.equal(sinkOf('file:my lake#1?%20'), resolve('my lake#1?%20'));
});

test('a wrong SINK_URL says what to write', () => {
  const lake =
    /, expected https:\/\/<account>\.dfs\.core\.windows\.net\/<filesystem>\[\/<prefix>\], or file:<directory>; a fil/;
  const local = /, expected http:\/\/127\.0\.0\.1:<port>\/<account>\/<filesystem>/;
  const cases: [string, RegExp][] = [
    ['telemetry', /found something that is no URL, expected https:/],
    ['ftp://lake.dfs.core.windows.net/telemetry', /not https/],
    ['http://lake.dfs.core.windows.net/telemetry', /plain http is for loopback/],
    ['http://127.0.0.1.example.com/a/telemetry', /plain http is for loopback/],
    ['https://lake.dfs.core.windows.net', lake],
    ['https://lake.dfs.core.windows.net/', lake],
    ['https://lake.dfs.core.windows.net/Telemetry', lake],
    ['https://lake.dfs.core.windows.net/te--le', lake],
    ['https://lake.dfs.core.windows.net/-telemetry', lake],
    ['https://lake.dfs.core.windows.net/te', lake],
    [`https://lake.dfs.core.windows.net/${'a'.repeat(64)}`, lake],
    ['https://lake.dfs.core.windows.net//telemetry', lake],
    ['https://lake.dfs.core.windows.net/telemetry//a', lake],
    ['http://127.0.0.1:10004/devstoreaccount1', local],
    ['http://127.0.0.1:10004', local],
    ['http://127.0.0.1:10004//telemetry', local],
    ['http://[::1]:10004/devstoreaccount1/telemetry', /IPv4 only: write 127\.0\.0\.1/],
    ['http://127.0.0.1:10001/devstoreaccount1/telemetry', /port 10001 is Azurite's own .* port 10000, .*on port 10004/],
    ['https://flat.blob.core.windows.net', /, expected https:\/\/<account>\.blob\.core\.windows\.net\/<container>\[/],
    ['https://flat.blob.core.windows.net/$web', /; a container is 3 to 63/],
    ['https://lake.dfs.core.windows.net/telemetry/100%', /found "100%" in the path.*write %25/],
    ['https://lake.dfs.core.windows.net/telemetry/%zz/a', /found "%zz" in the path/],
    ['https://lake.dfs.core.windows.net/telemetry/%ff', /found "%ff" in the path/],
    ['https://lake.dfs.core.windows.net/telemetry/a%2Fb', /found "a\/b" as the name of a folder/],
    ['https://lake.dfs.core.windows.net/telemetry/a%00', /as the name of a folder/],
    ['http://127.0.0.1:10004/devstoreaccount1/telemetry/a%5Cb', /as the name of a folder/],
    ['file:', /without a directory .*, expected file:/],
    ['file://', /found the root of a disk, expected file:|cannot be read/], // a disk's letter is missing on Windows
    ['file:///', /found the root of a disk|cannot be read/],
    ['file:/', /found the root of a disk/],
    ['file:///a%2Fb', /whose path cannot be read: a percent sign/],
    ['file:///a%', /whose path cannot be read/],
    ['file:~/lake', /begins with ~, which only a shell understands: write it in full/],
    ['file://~/lake', /begins with ~/],
    ['file:~', /begins with ~/],
    ['file://server/share', /with a host, expected file:/],
  ];
  for (const [SINK_URL, expected] of cases) assert.match(problemOf({ SINK_URL }), expected, SINK_URL);
});

test('SINK_URL takes no host but those of the clouds, for a token goes there', () => {
  const hosts = [
    ...['example.com', 'lake.dfs.example.com', 'lake.dfs.core.windows.net.example.com', 'dfs.core.windows.net'],
    ...[
      'lake.blob.core.windows.net.example.com',
      'lake.dfs.core.windows.net.',
      'lake.xdfs.core.windows.net',
      'lake.dfs.core.cloudapi.de',
    ],
    ...['lake-dfs.core.windows.net', 'a.b.dfs.core.windows.net', 'lake.z1.dfs.storage.azure.net.evil.test', '10.0.0.4'],
  ];
  for (const host of hosts) {
    assert.match(
      problemOf({ SINK_URL: `https://${host}/telemetry` }),
      /found the host .*, expected <account>\.dfs\.core/,
    );
  }
});

test('a URL of Spark is answered with the same place as it is written here', () => {
  const expected: [string, RegExp][] = [
    [
      'abfss://telemetry@lake.dfs.core.windows.net/a/b=1/',
      /, expected https:\/\/lake\.dfs\.core\.windows\.net\/telemetry\/a\/b=1$/,
    ],
    ['abfs://telemetry@lake.dfs.core.windows.net', /, expected https:\/\/lake\.dfs\.core\.windows\.net\/telemetry$/],
    [
      'wasbs://telemetry@flat.blob.core.windows.net/a',
      /, expected https:\/\/flat\.blob\.core\.windows\.net\/telemetry\/a$/,
    ],
    ['abfss://telemetry', /as Spark writes it, expected https:\/\/<account>/],
  ];
  for (const [SINK_URL, pattern] of expected) assert.match(problemOf({ SINK_URL }), pattern);
});

test("under the Functions host a directory inside the app's root is refused, and elsewhere it is not", () => {
  const root = resolve('app');
  for (const host of [{ FUNCTIONS_APPLICATION_DIRECTORY: root }, { AzureWebJobsScriptRoot: root }] as Env[]) {
    const inside = [
      `file:${root}`,
      `file:${root}/lake`,
      'file:app/lake',
      'file:app/../app/a/b',
      pathToFileURL(root).href,
    ];
    for (const SINK_URL of [...inside, 'file:app/..lake']) {
      assert.match(
        problemOf({ ...host, SINK_URL }),
        /inside the app's root: .* expected a directory elsewhere/,
        SINK_URL,
      );
    }
    for (const SINK_URL of ['file:lake', 'file:apple', 'file:app/../lake', 'file:..']) {
      assert.equal(parse({ ...host, SINK_URL }).sink.protocol, 'file:', SINK_URL);
    }
  }
  const local = { FUNCTIONS_WORKER_RUNTIME: 'node', SINK_URL: 'file:lake' };
  assert.equal(parse(local).sink.protocol, 'file:', 'the command line reads local.settings.json too');
});

test('no message repeats a secret', () => {
  const secrets: Env[] = [
    { SINK_URL: 'https://lake.dfs.core.windows.net/telemetry?sv=2026&sig=hush' },
    { SINK_URL: 'https://lake.blob.core.windows.net/telemetry?sig=hush' },
    { SINK_URL: 'https://user:hush@lake.dfs.core.windows.net/telemetry' },
    { SINK_URL: 'https://hush@lake.dfs.core.windows.net/telemetry' },
    { SINK_URL: 'https://lake.dfs.core.windows.net/telemetry#hush' },
    { SINK_URL: 'DefaultEndpointsProtocol=https;AccountName=lake;AccountKey=hush;EndpointSuffix=core.windows.net' },
    { SINK_URL: 'AccountKey:hush' },
    { SINK_URL: 'abfss://hush@lake.dfs.core.windows.net/a?hush' },
    { SINK_URL: 'abfss://user:hush@lake.dfs.core.windows.net/a' },
    { LOGS_ENDPOINT: 'https://user:hush@api.loganalytics.io/v1' },
    { LOGS_ENDPOINT: 'https://api.loganalytics.io/v1?key=hush' },
    { LOGS_ENDPOINT: 'hush' },
    { APPINSIGHTS_WORKSPACE_ID: 'InstrumentationKey=hush' },
  ];
  for (const env of secrets) assert.doesNotMatch(problemOf(env), /hush/);
});

test('LOGS_ENDPOINT is https or loopback, and names the version', () => {
  assert.equal(parse({ LOGS_ENDPOINT: 'http://127.0.0.1:10005/v1' }).logsEndpoint.href, 'http://127.0.0.1:10005/v1');
  assert.match(problemOf({ LOGS_ENDPOINT: 'http://10.0.0.1/v1' }), /plain http is for loopback/);
  assert.match(problemOf({ LOGS_ENDPOINT: 'http://[::1]:10005/v1' }), /write 127\.0\.0\.1/);
  assert.match(problemOf({ LOGS_ENDPOINT: 'https://api.loganalytics.azure.cn/v2' }), /cn\/v2, expected .*\/v1/);
});
