import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { refuses, useLake } from './support/lake-files.ts';

const ONLY_NEW = { conditions: { ifNoneMatch: '*' } };

describe('the local Data Lake', () => {
  const { files, fileSystem, url, clientOf, move, write, textOf } = useLake();

  describe('create', () => {
    test('shows an empty file before anything is flushed', async () => {
      const file = files().getFileClient('a/b');
      await file.create();
      await file.append('abc', 0, 3);
      assert.equal((await file.getProperties()).contentLength, 0);
      await file.flush(3);
      assert.equal((await file.getProperties()).contentLength, 3);
    });

    test('makes the missing folders, which blob readers see as folders', async () => {
      await write('a/b/c', 'x');
      const folder = await files().getDirectoryClient('a/b').getProperties();
      assert.equal(folder.metadata?.hdi_isfolder, 'true');
    });

    test('refuses a path that is taken under If-None-Match: PathAlreadyExists', async () => {
      const file = await write('a/b', 'x');
      await refuses(file.create(ONLY_NEW), 409, 'PathAlreadyExists');
      await refuses(files().getFileClient('a').create(ONLY_NEW), 409, 'PathAlreadyExists');
      await refuses(files().getDirectoryClient('a').create(ONLY_NEW), 409, 'PathAlreadyExists');
      assert.equal(await textOf('a/b'), 'x');
    });

    test('empties a file that is there when nothing forbids it', async () => {
      const file = await write('a', 'x');
      const before = (await file.getProperties()).etag;
      const { etag } = await file.create();
      assert.notEqual(etag, before);
      assert.equal(await textOf('a'), '');
    });

    test('refuses a path below a file', async () => {
      await write('a', 'x');
      await refuses(files().getFileClient('a/b').create(), 409, 'PathConflict');
    });

    test('refuses a file system that is not there: FilesystemNotFound', async () => {
      await refuses(clientOf('nowhere').getFileClient('a').create(), 404, 'FilesystemNotFound');
    });
  });

  describe('append and flush', () => {
    test('answer the ETag that the file then has', async () => {
      const file = files().getFileClient('a');
      await file.create();
      const appended = await file.append('abc', 0, 3, { flush: true });
      assert.equal(appended._response.status, 202);
      assert.equal(appended.etag, (await file.getProperties()).etag);
    });

    test('take the same position twice, as a repeated request', async () => {
      const file = files().getFileClient('a');
      await file.create();
      await file.append('abc', 0, 3);
      await file.append('abc', 0, 3);
      await file.append('def', 3, 3, { flush: true });
      await file.append('ghi', 6, 3, { flush: true });
      assert.equal(await textOf('a'), 'abcdefghi');
    });

    test('refuse a position that leaves a gap: InvalidFlushPosition', async () => {
      const file = files().getFileClient('a');
      await file.create();
      await file.append('abc', 0, 3);
      await refuses(file.append('ghi', 6, 3, { flush: true }), 400, 'InvalidFlushPosition');
      await refuses(file.flush(2), 400, 'InvalidFlushPosition');
      await file.append('def', 3, 3);
      await file.flush(9);
      assert.equal(await textOf('a'), 'abcdefghi');
    });

    test('refuse a position in what has been flushed, as a repeated request whose reply was lost: 400', async () => {
      const file = files().getFileClient('a');
      await file.create();
      await file.append('abc', 0, 3, { flush: true });
      await refuses(file.append('abc', 0, 3, { flush: true }), 400, 'InvalidQueryParameterValue');
      await refuses(file.append('abc', 0, 3), 400, 'InvalidQueryParameterValue');
      assert.equal(await textOf('a'), 'abc');
    });

    test('refuse to flush a file with another ETag: ConditionNotMet', async () => {
      const file = files().getFileClient('a');
      const { etag } = await file.create();
      await file.append('abc', 0, 3);
      await refuses(file.flush(3, { conditions: { ifMatch: '"0x1"' } }), 412, 'ConditionNotMet');
      await file.flush(3, { conditions: { ifMatch: etag } });
      assert.equal(await textOf('a'), 'abc');
    });

    test('refuse a file that is not there: PathNotFound', async () => {
      await refuses(files().getFileClient('a').append('abc', 0, 3), 404, 'PathNotFound');
      await refuses(files().getFileClient('a').flush(0), 404, 'PathNotFound');
    });
  });

  describe('delete', () => {
    test('refuses a folder that is not empty unless it is recursive: DirectoryNotEmpty', async () => {
      await write('a/b/c', 'x');
      await refuses(files().getDirectoryClient('a').delete(false), 409, 'DirectoryNotEmpty');
      await files().getDirectoryClient('a').delete(true);
      assert.deepEqual(await Array.fromAsync(files().listPaths({ recursive: true })), []);
    });

    test('refuses what is not there: PathNotFound', async () => {
      await refuses(files().getFileClient('a').delete(), 404, 'PathNotFound');
    });
  });

  describe('list', () => {
    test('answers pages, of one folder or of all below it', async () => {
      for (const path of ['a/1', 'a/2', 'a/b/3', 'c/4']) await write(path, path);
      const names: (string | undefined)[] = [];
      for await (const page of files().listPaths({ recursive: true }).byPage({ maxPageSize: 2 })) {
        assert.ok((page.pathItems?.length ?? 0) <= 2);
        names.push(...(page.pathItems ?? []).map(({ name }) => name));
      }
      assert.deepEqual(names.toSorted(), ['a', 'a/1', 'a/2', 'a/b', 'a/b/3', 'c', 'c/4']);
      const direct = await Array.fromAsync(files().listPaths({ path: 'a' }));
      assert.deepEqual(
        direct.map(({ name, isDirectory, contentLength }) => [name, isDirectory, contentLength]),
        [
          ['a/1', false, 3],
          ['a/2', false, 3],
          ['a/b', true, 0],
        ],
      );
    });

    test('refuses a folder or a file system that is not there', async () => {
      await refuses(Array.fromAsync(files().listPaths({ path: 'a' })), 404, 'PathNotFound');
      await refuses(Array.fromAsync(clientOf('nowhere').listPaths()), 404, 'FilesystemNotFound');
    });
  });

  test('refuses query parameters that are not those of the request, as OneLake does', async () => {
    await write('a', 'x');
    const source = { 'x-ms-rename-source': `/devstoreaccount1/${fileSystem()}/a` };
    for (const [method, query, headers, code] of [
      ['PUT', 'resource=file&overwrite=true', {}, 'UnsupportedQueryParameter'],
      ['PUT', 'resource=file', source, 'UnsupportedQueryParameter'],
      ['PUT', 'mode=other', source, 'InvalidQueryParameterValue'],
      ['DELETE', 'recursive=true&force=true', {}, 'UnsupportedQueryParameter'],
      ['PATCH', 'action=append&position=0&length=3', {}, 'UnsupportedQueryParameter'],
      ['GET', 'resource=filesystem&recursive=true&prefix=a', {}, 'UnsupportedQueryParameter'],
    ] as const) {
      const answer = await fetch(`${url()}/b?${query}`, { method, headers });
      assert.deepEqual([answer.status, answer.headers.get('x-ms-error-code')], [400, code], `${method} ${query}`);
      await answer.body?.cancel();
    }
    const renamed = await fetch(`${url()}/b?mode=legacy`, { method: 'PUT', headers: source });
    assert.equal(renamed.status, 201);
    assert.equal(await textOf('b'), 'x');
  });

  test('says what it does not offer', async () => {
    await refuses(files().getFileClient('a').getAccessControl(), 501, undefined);
    await write('a/b', 'x');
    await refuses(move(files().getFileClient('a'), 'c'), 501, 'NotImplemented');
  });
});
