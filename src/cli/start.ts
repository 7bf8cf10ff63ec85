import { reasonOf } from '../core/reason.ts';
import { formatIso } from '../core/window.ts';
import type { ExportSettings } from '../settings/settings.ts';
import { readTime } from './times.ts';
import { ArgumentError, chooseExports, EXPORT, type Input, type Options, type Verb } from './verb.ts';

const OPTIONS = {
  at: { type: 'string', value: 'TIME', help: 'UTC, such as 2026-11-22T14:05:00Z; not in the future' },
  ...EXPORT,
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
    const { at } = input.options;
    if (at === undefined) throw new ArgumentError('start needs --at TIME, such as --at 2026-11-22T14:05:00Z');
    const atMs = readTime('at', at);
    let code = 0;
    for (const exported of chooseExports(input)) {
      const obstacle = await begin(input, exported, atMs);
      if (obstacle !== undefined) code = 1;
      const { name } = exported;
      const text = obstacle ?? `the next run begins at ${formatIso(atMs)}`;
      const record = { export: name, started: obstacle === undefined, text };
      input.terminal.print(input.options.json ? JSON.stringify(record) : `${name}: ${text}`);
    }
    return code;
  },
};

/** Why the export was not started, if so. */
async function begin(
  { app, terminal, signal }: Input<typeof OPTIONS>,
  exported: ExportSettings,
  atMs: number,
): Promise<string | undefined> {
  try {
    await app.start(exported, atMs, { log: terminal.log }, signal);
    return undefined;
  } catch (error) {
    return `not started: ${reasonOf(error)}`;
  }
}
