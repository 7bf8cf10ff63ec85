import { plainText } from '../core/human.ts';
import type { Log } from '../core/log.ts';

/** Results go to standard output; what happens on the way goes to standard error, so that results can be piped. */
export interface Terminal {
  /** Writes one line. */
  print(line: string): void;
  readonly log: Log;
  /**
   * Shows how far something is, until the next line comes; nothing unless standard error is a terminal.
   * @returns whether it is one.
   */
  show(progress: string): boolean;
  /**
   * Aborted when nobody takes the results any more, with the error as its reason: `monitorlift status | head -1`. What
   * is printed then is dropped.
   */
  readonly closed: AbortSignal;
  /** Resolves when all that was printed has been taken, or will never be. */
  flush(): Promise<void>;
}

export function createTerminal(): Terminal {
  const { stdout, stderr } = process;
  const closing = new AbortController();
  // Without a listener the process would end there and then, with exports under way.
  stdout.on('error', (error) => closing.abort(error));
  stderr.on('error', () => undefined);
  /** Goes over the progress that stands in the line. */
  const clear = stderr.isTTY ? '\r\x1b[K' : '';
  const write = (level: string) => (message: string) =>
    stderr.write(`${clear}${new Date().toISOString()} ${level} ${plainText(message)}\n`);
  return {
    log: { debug: () => {}, info: write('info'), warn: write('warn'), error: write('error') },
    print(line) {
      stderr.write(clear);
      if (!closing.signal.aborted) stdout.write(`${plainText(line)}\n`);
    },
    show(progress) {
      if (stderr.isTTY) stderr.write(clear + plainText(progress).slice(0, stderr.columns - 1));
      return stderr.isTTY === true;
    },
    closed: closing.signal,
    flush: () => new Promise((resolve) => stdout.write('', () => resolve())),
  };
}

/** Whether whoever took the results has ended, as `head` does when it has enough: nothing is wrong then. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'EOF');
}
