import type { Log } from '../core/log.ts';

/** Results go to standard output; what happens on the way goes to standard error, so that results can be piped. */
export interface Terminal {
  print(line: string): void;
  readonly log: Log;
  /** Shows how far something is, until the next line comes; nothing unless standard error is a terminal. */
  show(progress: string): void;
}

export function createTerminal(): Terminal {
  const { stdout, stderr } = process;
  /** Goes over the progress that stands in the line. */
  const clear = stderr.isTTY ? '\r\x1b[K' : '';
  const write = (level: string) => (message: string) =>
    stderr.write(`${clear}${new Date().toISOString()} ${level} ${message}\n`);
  return {
    log: { debug: () => {}, info: write('info'), warn: write('warn'), error: write('error') },
    print(line) {
      stderr.write(clear);
      stdout.write(`${line}\n`);
    },
    show(progress) {
      if (stderr.isTTY) stderr.write(clear + progress.slice(0, stderr.columns - 1));
    },
  };
}
