import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RestError } from '@azure/storage-file-datalake';
import { lakeError } from '../src/azure/lake/error.ts';
import { lakeLocation } from '../src/azure/lake/location.ts';

describe('an error of the Data Lake', () => {
  const PLACE = 'files/team/requests/_watermark.json';

  for (const [status, code, advice] of [
    [403, 'AuthorizationPermissionMismatch', /Grant the identity "Storage Blob Data Contributor"/],
    [403, 'AuthorizationFailure', /network rules .* dfs and blob/],
    [403, 'SomethingNew', /"Storage Blob Data Contributor"/],
    [404, 'FilesystemNotFound', /create it, or correct SINK_URL/],
    [404, 'ContainerNotFound', /create it, or correct SINK_URL/],
    [409, 'PathImmutableDueToPolicy', /immutability policy/],
    [409, 'HierarchicalNamespaceNotEnabled', /hierarchical namespace/],
    [undefined, 'ENOTFOUND', /no such host/],
    [undefined, 'ECONNREFUSED', /Nothing answers/],
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
