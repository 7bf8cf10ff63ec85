import type { Log } from '../core/log.ts';

/** Results go to standard output; what happens on the way goes to standard error, so that results can be piped. */
export interface Terminal {
  print(line: string): void;
  readonly log: Log;
  /** Shows how far something is, in one line that is rewritten; nothing unless standard error is a terminal. */
  show(key: string, text: string): void;
  hide(key: string): void;
}

const REDRAW_MS = 100;

export function createTerminal(): Terminal {
  const { stdout, stderr } = process;
  const lines = new Map<string, string>();
  let drawn = 0;
  let drawnAtMs = 0;

  /** One write for the whole block: it does not flicker. */
  function draw(above = ''): void {
    if (!stderr.isTTY) {
      if (above !== '') stderr.write(above);
      return;
    }
    const width = (stderr.columns || 80) - 1;
    const up = drawn > 0 ? `\x1b[${drawn}A\x1b[J` : '';
    const block = [...lines.values()].map((line) => `${line.slice(0, width)}\n`).join('');
    stderr.write(up + above + block);
    drawn = lines.size;
    drawnAtMs = performance.now();
  }

  const write = (level: string) => (message: string) => draw(`${new Date().toISOString()} ${level} ${message}\n`);
  return {
    log: { debug: () => {}, info: write('info'), warn: write('warn'), error: write('error') },
    print(line) {
      if (stdout.isTTY && stderr.isTTY)
        draw(`${line}\n`); // the same screen: above the block
      else stdout.write(`${line}\n`);
    },
    show(key, text) {
      lines.set(key, text);
      if (performance.now() - drawnAtMs >= REDRAW_MS) draw();
    },
    hide(key) {
      if (lines.delete(key)) draw();
    },
  };
}
