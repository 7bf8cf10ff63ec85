/*
 * A run on a database that anyone may kill: exports window by window, a few of them staged ahead, until there are as
 * many as asked for. Arguments: the URL, the password, how many, and the seed of what it does.
 */
import { type Session, SupersededError } from '../../src/core/sink.ts';
import { createPostgresSink } from '../../src/postgres/sink.ts';
import { createRandom } from '../sim/random.ts';
import { rowsInWindow } from './postgres-kill.ts';
import { cellRows, listOf, positionAt, START_MS, windowAt } from './postgres-scene.ts';

const AHEAD = 3;
const TEXT = JSON.stringify('x'.repeat(1_000));

const [url = '', password = '', windows = '0', seed = '0'] = process.argv.slice(2);
const random = createRandom(Number(seed));

function rowsOf(minute: number) {
  const ids = Array.from({ length: rowsInWindow(minute) }, (_, index) => [`"${minute}-${index}"`, TEXT]);
  return cellRows({ Id: 'string', Text: 'string' }, ids, 20);
}

async function exportAll(session: Session): Promise<void> {
  const first = (session.position.exportedUntilMs - START_MS) / 60_000;
  for (let minute = first; minute < Number(windows); ) {
    const ahead = Array.from({ length: Math.min(random.between(1, AHEAD), Number(windows) - minute) }, (_, index) => {
      return session.stage({ window: windowAt(minute + index) }, rowsOf(minute + index));
    });
    for (const part of await Promise.all(ahead)) await session.commit(positionAt(++minute), listOf(part));
  }
}

const sink = createPostgresSink({ url: new URL(url), password });
const log = { debug() {}, info() {}, warn() {}, error() {} };
const session = await sink.open('requests', { runId: `${process.pid}-${seed}`, log });
try {
  if (session !== undefined) await exportAll(session);
} catch (error) {
  if (!(error instanceof SupersededError)) throw error;
} finally {
  await session?.close();
}
