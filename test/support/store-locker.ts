/** A process that takes a lock, says so, and keeps it until it is told to let go, or killed. */
import { createLock } from '../../src/file/lock.ts';

await createLock(process.argv[2] ?? '').hold(async () => {
  console.log('locked');
  await new Promise((resolve) => process.stdin.once('data', resolve));
});
process.stdin.destroy();
