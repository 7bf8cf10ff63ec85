import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGate } from '../src/azure/logs/gate.ts';

const { signal } = new AbortController();

/** A gate, the names of those that it has let in so far, and a way out for each. */
function openGate(size: number) {
  const gate = createGate(size);
  const entered: string[] = [];
  const ends = new Map<string, () => void>();
  let underWay = 0;
  const enter = (name: string, isAhead: boolean, until = signal) =>
    gate(until, isAhead, async () => {
      entered.push(name);
      underWay += 1;
      assert.ok(underWay <= size);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      underWay -= 1;
    });
  const leave = async (name: string) => {
    await new Promise((resolve) => setImmediate(resolve));
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { enter, leave, entered };
}

test('whoever is level with the horizon goes before all windows that are ahead, in the order of asking', async () => {
  const { enter, leave, entered } = openGate(2);
  const all = [
    enter('first of a backlog', false),
    enter('ahead 1', true),
    enter('ahead 2', true),
    enter('ahead 3', true),
    enter('level 1', false),
    enter('level 2', false),
  ];
  const order = ['first of a backlog', 'ahead 1', 'level 1', 'level 2', 'ahead 2', 'ahead 3'];
  for (const name of order) await leave(name);
  await Promise.all(all);
  assert.deepEqual(entered, order);
});

test('whoever gives up leaves the line, and holds no place', async () => {
  const { enter, leave, entered } = openGate(1);
  const stop = new AbortController();
  const first = enter('first', false);
  const stopped = [enter('stopped', false, stop.signal), enter('stopped ahead', true, stop.signal)];
  const last = enter('last', true);
  stop.abort(new Error('enough'));
  for (const each of stopped) await assert.rejects(each, { message: 'enough' });
  await leave('first');
  await leave('last');
  await Promise.all([first, last]);
  assert.deepEqual(entered, ['first', 'last']);
});

test('a task that fails gives its place to the next one', async () => {
  const gate = createGate(1);
  const failing = gate(signal, false, () => Promise.reject(new Error('refused')));
  const next = gate(signal, true, async () => 'next');
  await assert.rejects(failing, { message: 'refused' });
  assert.equal(await next, 'next');
});
