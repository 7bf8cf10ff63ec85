import type { Files } from '../core/lake/store.ts';
import { plain } from './lake/entry.ts';
import { lakeError } from './lake/error.ts';
import { limit, TIMEOUT_MS } from './pipeline.ts';

/** What the SDKs answer to a download. */
interface Answer {
  readonly readableStreamBody?: NodeJS.ReadableStream | undefined;
  readonly etag?: string | undefined;
}

/**
 * How files are read, whole or as a stream.
 * @param open asks for a file; `undefined` when there is none.
 * @param place how a path is called in messages.
 */
export function createBodies(
  open: (path: string, signal: AbortSignal) => Promise<Answer | undefined>,
  place: (path: string) => string,
): Pick<Files, 'read' | 'readStream'> {
  return {
    async read(path) {
      const answer = await open(path, limit());
      if (!answer) return undefined;
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of answer.readableStreamBody ?? []) chunks.push(Buffer.from(chunk));
      } catch (error) {
        throw lakeError('read', place(path), error);
      }
      return { text: Buffer.concat(chunks).toString('utf8'), etag: plain(answer.etag) };
    },

    async readStream(path) {
      const silence = createSilence();
      const answer = await open(path, silence.signal);
      if (!answer?.readableStreamBody) return undefined;
      return bodyOf(answer.readableStreamBody, silence, (error) => lakeError('read', place(path), error));
    },
  };
}

/** A limit for how long nothing comes, and not for the whole: a large file may take its time, and so may its reader. */
function createSilence() {
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
async function* bodyOf(
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
