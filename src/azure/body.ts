import { TIMEOUT_MS } from './pipeline.ts';

/** A limit for how long nothing comes, and not for the whole: a large file may take its time, and so may its reader. */
export function createSilence() {
  const controller = new AbortController();
  // Only the connection keeps a process alive: there may be none any more.
  const start = () => setTimeout(() => controller.abort(), TIMEOUT_MS).unref();
  let timer = start();
  return {
    signal: controller.signal,
    end: () => clearTimeout(timer),
    again(): void {
      clearTimeout(timer);
      timer = start();
    },
  };
}

/** The chunks of an answer; its connection is closed when the loop ends. */
export async function* bodyOf(
  body: NodeJS.ReadableStream,
  silence: ReturnType<typeof createSilence>,
  wrap: (error: unknown) => Error,
): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      silence.again();
      const next = await chunks.next().catch((error: unknown) => {
        throw wrap(error);
      });
      silence.end();
      if (next.done) return;
      yield Buffer.from(next.value);
    }
  } finally {
    silence.end();
    await chunks.return?.(); // closes the connection
  }
}
