import { startPostgres } from '../src/local/postgres/server.ts';
import { startBlobAccount } from '../test/support/blob-account.ts';
import { startServer } from './measure.ts';
import type { Scene } from './scene.ts';

/** Where sinks are made, beside a lake: each is started when it is first needed, and ends with the stack. */
export function createPlaces(
  started: AsyncDisposableStack,
): Pick<Scene, 'openDatabase' | 'openContainer' | 'openReceiver'> {
  const postgres = once(async () => started.use(await startPostgres()));
  const account = once(async () => started.adopt(await startBlobAccount(), ({ close }) => close()));
  const receiver = once(async () => started.adopt(await startServer('receiver.ts'), ({ close }) => close()));
  return {
    async openDatabase() {
      const { url, password } = await (await postgres()).createDatabase();
      // Contenders inherit it.
      process.env.PGPASSWORD = password;
      return url.href;
    },
    async openContainer() {
      return (await (await account()).create()).url.href;
    },
    async openReceiver() {
      return `http://127.0.0.1:${(await receiver()).port}/rows`;
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
