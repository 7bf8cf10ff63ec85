import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { lakeLocation } from '../src/azure/lake/location.ts';
import { createLakeStore } from '../src/azure/lake/store.ts';
import { parse, problemOf } from './support/settings.ts';

const HOST = 'https://onelake.dfs.fabric.microsoft.com';
const ID = '6a0b6e4c-1d2f-4a3b-9c5d-7e8f90a1b2c3';

test('SINK_URL takes a folder of OneLake, by GUIDs or by names', () => {
  for (const url of [
    `${HOST}/${ID}/${ID}/Files`,
    `${HOST}/${ID}/${ID}/Files/Telemetry/app`,
    `${HOST}/My%20Workspace/Lake.Lakehouse/Files`,
    `https://westeurope-onelake.dfs.fabric.microsoft.com/${ID}/${ID}/Files`,
  ]) {
    assert.equal(parse({ SINK_URL: url }).sink.href, url);
    assert.equal(parse({ SINK_URL: `${url}/` }).sink.href, url);
  }
});

test('any other place in Fabric is refused, with the form to write', () => {
  const cases: [string, RegExp][] = [
    [HOST, /expected https:\/\/onelake\.dfs\.fabric\.microsoft\.com\/<workspace>\/<item>\/Files/],
    [`${HOST}/${ID}/${ID}`, /whatever lies above Files belongs to Fabric/],
    [`${HOST}/${ID}/${ID}/Tables/requests`, /whatever lies above Files/],
    [`${HOST}/${ID}/${ID}/files`, /whatever lies above Files/],
    [`${HOST}/${ID}/${ID}/Files//a`, /whatever lies above Files/],
    [`${HOST}/${ID}/Lake.Lakehouse/Files`, /both GUIDs or both names/],
    [`${HOST}/Workspace/${ID}/Files`, /both GUIDs or both names/],
    [`${HOST}/${ID}/${ID}/Files/100%`, /write %25/],
    [`${HOST}/${ID}/${ID}/Files?sig=hush`, /query string/],
    [`https://evil.dfs.fabric.microsoft.com/${ID}/${ID}/Files`, /found the host evil\./],
    [`http://onelake.dfs.fabric.microsoft.com/${ID}/${ID}/Files`, /plain http is for loopback/],
    [`${HOST}.example.com/${ID}/${ID}/Files`, /found (the host|https)/],
  ];
  for (const [SINK_URL, expected] of cases) assert.match(problemOf({ SINK_URL }), expected);
});

test('the workspace is the file system, and the item a folder of it', () => {
  const { url, fileSystem, prefix, renameRoot } = lakeLocation(
    new URL(`${HOST}/My%20Workspace/Lake.Lakehouse/Files/a`),
  );
  assert.equal(url, `${HOST}/My%20Workspace`);
  assert.equal(fileSystem, 'My%20Workspace');
  assert.equal(renameRoot, 'My%20Workspace');
  assert.equal(prefix, 'Lake.Lakehouse/Files/a/');
});

test('a folder is told by its header, and a listing may call the item by its GUID', async () => {
  const asked: string[] = [];
  const paths = [
    { name: `${ID}/Files/requests/y=2026`, isDirectory: 'true' },
    { name: `${ID}/Files/requests/_watermark.json`, contentLength: '7' },
  ];
  const server = createServer((request, response) => {
    const { pathname: path, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const pathname = decodeURIComponent(path);
    asked.push(`${request.method} ${pathname}`);
    if (searchParams.get('resource') === 'filesystem') {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ paths }));
      return;
    }
    const isFolder = pathname.endsWith('y=2026');
    const headers = { etag: '"1"', 'x-ms-resource-type': isFolder ? 'directory' : 'file' };
    response.writeHead(200, { ...headers, 'content-length': isFolder ? 0 : 7 });
    response.end(request.method === 'HEAD' || isFolder ? undefined : 'content');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const store = createLakeStore(new URL(`http://127.0.0.1:${port}/account/Workspace/Lake.Lakehouse/Files`), undefined);
  try {
    assert.deepEqual(await Array.fromAsync(store.list('requests')), [
      { path: 'requests/y=2026', isFolder: true, bytes: 0 },
      { path: 'requests/_watermark.json', isFolder: false, bytes: 7 },
    ]);
    assert.equal((await store.stat('requests/y=2026'))?.isFolder, true);
    assert.equal(await store.read('requests/y=2026'), undefined);
    assert.deepEqual(await store.stat('requests/a'), { path: 'requests/a', isFolder: false, bytes: 7, etag: '1' });
    assert.deepEqual(await store.read('requests/a'), { text: 'content', etag: '1' });
    assert.ok(asked.includes('GET /account/Workspace/Lake.Lakehouse/Files/requests/a'));
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
