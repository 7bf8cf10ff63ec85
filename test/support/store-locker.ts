/** A process that takes a lock, says so, and keeps it until it is killed. */
import { withLock } from '../../src/file/lock.ts';

await withLock(process.argv[2] ?? '', async () => {
  console.log('locked');
  await new Promise((resolve) => process.stdin.once('data', resolve));
});
