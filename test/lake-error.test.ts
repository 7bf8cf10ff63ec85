import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RestError } from '@azure/storage-file-datalake';
import { lakeError } from '../src/azure/lake/error.ts';
import { lakeLocation } from '../src/azure/lake/location.ts';

describe('an error of the Data Lake', () => {
  const PLACE = 'files/team/requests/_watermark.json';

  for (const [status, code, advice] of [
    [403, 'AuthorizationPermissionMismatch', /Grant the identity "Storage Blob Data Contributor"/],
    [403, 'AuthorizationFailure', /firewall, or its private link, .* no role helps: .* dfs and blob, .*"Storage Blob/],
    [403, 'AuthorizationSourceIPMismatch', /firewall refuses this address/],
    [403, 'SomethingNew', /The service said so If that is about permissions: .*"Storage Blob Data Contributor"/],
    [404, 'FilesystemNotFound', /create it, or correct SINK_URL/],
    [404, 'ContainerNotFound', /create it, or correct SINK_URL/],
    [409, 'PathImmutableDueToPolicy', /immutability policy/],
    [409, 'HierarchicalNamespaceNotEnabled', /hierarchical namespace/],
    [undefined, 'ENOTFOUND', /no such host: .* account in SINK_URL.* private endpoint/],
    [undefined, 'EAI_AGAIN', /DNS/],
    [undefined, 'ETIMEDOUT', /firewall and proxy/],
    [undefined, 'ECONNREFUSED', /Nothing listens there/],
    [500, 'SomethingElse', /The service said so/],
  ] as const) {
    test(`says where, what and what to do about ${status} ${code}`, () => {
      const cause = new RestError('The service said so\nRequestId:1', {
        code,
        ...(status ? { statusCode: status } : {}),
      });
      const error = lakeError('read', PLACE, cause);
      assert.match(error.message, new RegExp(`^Cannot read ${PLACE} \\(${status ? `${status} ` : ''}${code}\\)\\. `));
      assert.match(error.message, advice);
      assert.equal(error.cause, cause);
    });
  }

  test('takes a 403 without a code for that of a firewall or proxy, for which no role helps', () => {
    const { message } = lakeError('read', PLACE, new RestError('', { statusCode: 403 }));
    assert.match(message, /\(403\)\. .* a firewall or proxy sent/);
    assert.doesNotMatch(message, /Contributor/);
  });

  test('says so when there was no answer in time', () => {
    const cause = new Error('The operation was aborted.');
    cause.name = 'AbortError';
    assert.match(lakeError('read', PLACE, cause).message, /\(no answer\)\. It took longer than 60 s/);
  });

  test('takes the code of an answer without a body from its header', () => {
    const cause = new RestError('', { statusCode: 404 });
    cause.details = { errorCode: 'ContainerNotFound' };
    assert.match(lakeError('read', PLACE, cause).message, /404 ContainerNotFound/);
  });
});

describe('the location of a lake', () => {
  test('is read from the URL of an account, with or without a prefix', () => {
    assert.deepEqual(lakeLocation(new URL('https://acc.dfs.core.usgovcloudapi.net/files/a%20b/c/')), {
      url: 'https://acc.dfs.core.usgovcloudapi.net/files',
      isLoopback: false,
      renameRoot: 'files',
      fileSystem: 'files',
      prefix: 'a b/c/',
    });
    assert.equal(lakeLocation(new URL('https://acc.dfs.core.windows.net/files')).prefix, '');
  });

  test('has the account in its path on loopback', () => {
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
      assert.deepEqual(lakeLocation(new URL(`http://${host}:10004/devstoreaccount1/files/a`)), {
        url: `http://${host}:10004/devstoreaccount1/files`,
        isLoopback: true,
        renameRoot: 'devstoreaccount1/files',
        fileSystem: 'files',
        prefix: 'a/',
      });
    }
  });

  test('must name a file system', () => {
    assert.throws(
      () => lakeLocation(new URL('https://acc.dfs.core.windows.net/?sig=secret')),
      (error: Error) => {
        assert.match(error.message, /names no file system/);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      },
    );
    assert.throws(() => lakeLocation(new URL('http://127.0.0.1:1/devstoreaccount1')), /names no file system/);
  });
});
