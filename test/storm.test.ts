import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exportThrough, type Policy } from './support/storm-scene.ts';

const TABLES = ['AppRequests', 'AppTraces', 'AppEvents'];
const QUERIES_AT_ONCE = 5;

const everyThird: Policy = (number) => (number % 3 === 0 ? 'refuse' : 'answer');
const everyThirdSaysWhen: Policy = (number) => (number % 3 === 0 ? 'refuse, and say when' : 'answer');
const twoAtOnce: Policy = (_, underWay) => (underWay > 2 ? 'refuse' : 'answer');
const twoAtOnceSaysWhen: Policy = (_, underWay) => (underWay > 2 ? 'refuse, and say when' : 'answer');

/** A service that throttles. The windows of three backlogs are asked for several at once. */
describe('in a storm of 429', () => {
  for (const [name, policy] of Object.entries({ everyThird, everyThirdSaysWhen, twoAtOnce, twoAtOnceSaysWhen })) {
    test(`each row is exported once, and no more queries are under way than may be (${name})`, async () => {
      const found = await exportThrough(policy, TABLES, QUERIES_AT_ONCE);
      assert.deepEqual(found.rows, found.expected);
      assert.deepEqual(found.staged, []);
      assert.ok(found.refused > 0, 'the service has refused some');
      assert.ok(found.most <= QUERIES_AT_ONCE, `${found.most} at once`);
      for (const failure of found.failures) assert.match(failure, /429/);
    });
  }

  test('without one, five are under way at once, of all exports together', async () => {
    const found = await exportThrough(() => 'answer', TABLES, QUERIES_AT_ONCE);
    assert.deepEqual(found.rows, found.expected);
    assert.equal(found.most, QUERIES_AT_ONCE);
    assert.deepEqual(found.failures, []);
  });
});
