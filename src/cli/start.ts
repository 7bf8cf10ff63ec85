import { reasonOf } from '../core/reason.ts';
import { formatIso } from '../core/window.ts';
import { readTime } from './times.ts';
import { ArgumentError, inTurn, type Options, type Verb } from './verb.ts';

const OPTIONS = {
  at: { type: 'string', value: 'TIME', help: 'UTC, such as 2026-11-22T14:05:00Z; not in the future' },
} as const satisfies Options;

export const start: Verb<typeof OPTIONS> = {
  name: 'start',
  summary: 'choose where an export begins',
  help: `Creates the watermark of each export that has none, so that the next run begins with what was ingested from
TIME on: further back than EXPORT_LOOKBACK_HOURS, or where a lost watermark stood. Exports nothing by itself, and
changes no watermark that is there. It refuses a time before the end of a published part, whose rows would be
exported twice.

Exit code: 0 done, 1 an export has a watermark or later parts already, 2 wrong settings or arguments.

Example:
  monitorlift start --at 2026-11-01T00:00:00Z --export traces`,
  options: OPTIONS,
  async execute(input) {
    const { app, options, terminal, signal } = input;
    const { at } = options;
    if (at === undefined) throw new ArgumentError('start needs --at TIME, such as --at 2026-11-22T14:05:00Z');
    const atMs = readTime('at', at);
    return inTurn(input, async (exported) => {
      const obstacle = await app.start(exported, atMs, { log: terminal.log }, signal).then(
        () => undefined,
        (error) => `not started: ${reasonOf(error)}`,
      );
      const started = obstacle === undefined;
      const text = obstacle ?? `the next run begins at ${formatIso(atMs)}`;
      input.print([`${exported.name}: ${text}`], [{ export: exported.name, started, text }]);
      return started;
    });
  },
};
