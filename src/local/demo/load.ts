import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const PATHS = ['/', '/order', '/order', '/broken'];
const AT_ONCE = 8;

/** The sample service, under way. */
export interface Sample {
  /** Sends requests until `signal` is aborted; resolves with how many. */
  load(signal: AbortSignal): Promise<number>;
  /** Ends it, its telemetry sent. */
  close(): Promise<void>;
}

export async function startSample(connectionString: string): Promise<Sample> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'sample.ts'), {
    env: {
      ...process.env,
      APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString,
      APPLICATION_INSIGHTS_NO_STATSBEAT: '1',
      OTEL_SERVICE_NAME: 'sample-shop',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const [port] = (await Promise.race([once(child, 'message'), exited])) as [number];
  if (!child.connected) throw new Error(`the sample service ended at once, with exit code ${child.exitCode}`);

  async function knock(signal: AbortSignal): Promise<number> {
    let requests = 0;
    for (; !signal.aborted; requests++) {
      const response = await fetch(`http://127.0.0.1:${port}${PATHS[requests % PATHS.length]}`);
      await response.arrayBuffer();
    }
    return requests;
  }

  return {
    async load(signal) {
      const counts = await Promise.all(Array.from({ length: AT_ONCE }, () => knock(signal)));
      return counts.reduce((total, count) => total + count, 0);
    },
    async close() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
