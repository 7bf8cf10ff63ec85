import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { refuses, useLake } from './support/lake-files.ts';

describe('a rename in the local Data Lake', () => {
  const { files, move, write, textOf } = useLake();

  test('keeps content and ETag', async () => {
    const file = await write('a/x y', 'content');
    const { etag } = await file.getProperties();
    const moved = await move(file, 'a/z');
    assert.equal(moved.etag, etag);
    assert.equal((await files().getFileClient('a/z').getProperties()).etag, etag);
    const listed = await Array.fromAsync(files().listPaths({ path: 'a' }));
    assert.deepEqual(
      listed.map(({ name, etag }) => [name, `"${etag}"`]),
      [['a/z', etag]],
    );
    assert.equal(await textOf('a/z'), 'content');
  });

  test('gives a file that is written again a new ETag', async () => {
    const { etag } = await move(await write('a', 'content'), 'b');
    await write('b', 'another');
    assert.notEqual((await files().getFileClient('b').getProperties()).etag, etag);
  });

  test('refuses a source that is not there: SourcePathNotFound', async () => {
    await refuses(move(files().getFileClient('a'), 'b'), 404, 'SourcePathNotFound');
  });

  test('refuses a target without its folder: RenameDestinationParentPathNotFound', async () => {
    const file = await write('a', 'x');
    await refuses(move(file, 'folder/b'), 404, 'RenameDestinationParentPathNotFound');
    await files().getDirectoryClient('folder').create();
    await move(file, 'folder/b');
    assert.equal(await textOf('folder/b'), 'x');
  });

  test('refuses a target that is there under If-None-Match: PathAlreadyExists', async () => {
    await write('b', 'old');
    const file = await write('a', 'new');
    const options = { destinationConditions: { ifNoneMatch: '*' } };
    await refuses(move(file, 'b', options), 409, 'PathAlreadyExists');
    assert.equal(await textOf('b'), 'old');
    await move(file, 'b');
    assert.equal(await textOf('b'), 'new');
  });

  test('refuses a target with another ETag: ConditionNotMet', async () => {
    const { etag } = await (await write('b', 'old')).getProperties();
    const file = await write('a', 'new');
    await refuses(move(file, 'b', { destinationConditions: { ifMatch: '"0x1"' } }), 412, 'ConditionNotMet');
    await refuses(move(file, 'c', { destinationConditions: { ifMatch: etag } }), 412, 'ConditionNotMet');
    await move(file, 'b', { destinationConditions: { ifMatch: etag } });
    assert.equal(await textOf('b'), 'new');
  });

  test('refuses a source with another ETag: SourceConditionNotMet', async () => {
    const file = await write('a', 'x');
    await refuses(move(file, 'b', { conditions: { ifMatch: '"0x1"' } }), 412, 'SourceConditionNotMet');
    await move(file, 'b', { conditions: { ifMatch: (await file.getProperties()).etag } });
  });

  test('lets no one see both files, or neither', async () => {
    await write('at-0', 'x');
    let isMoving = true;
    async function moveOften() {
      for (let at = 0; at < 20; at++) await move(files().getFileClient(`at-${at}`), `at-${at + 1}`);
      isMoving = false;
    }
    async function look() {
      while (isMoving) assert.equal((await Array.fromAsync(files().listPaths())).length, 1);
    }
    await Promise.all([moveOften(), look(), look()]);
  });
});
