import { newestPart } from '../core/part.ts';
import { readWatermark } from '../core/watermark.ts';
import { formatIso, parseIso } from '../core/window.ts';
import type { ExportSettings } from '../settings.ts';
import { ArgumentError, chooseExports, type Input, type Verb } from './verb.ts';

export const start: Verb = {
  summary: 'choose where an export begins',
  help: `Usage: monitorlift start --at TIME [--export NAME] [--json]

Creates the watermark of each export that has none, so that the next run begins with what was ingested from TIME on:
further back than EXPORT_LOOKBACK_HOURS, or where a lost watermark stood. Exports nothing by itself, and changes no
watermark that is there. It refuses a time before the end of a published part, whose rows would be exported twice.

  --at TIME       UTC, such as 2026-11-22T14:05:00Z; not in the future
  --export NAME   only this export (in any case)
  --json          one JSON object per export on standard output

Exit code: 0 done, 1 an export has a watermark or later parts already, 2 wrong settings or arguments.

Example:
  monitorlift start --at 2026-11-01T00:00:00Z --export traces`,
  options: ['at', 'export'],
  async execute(input) {
    const { at } = input.options;
    if (at === undefined) throw new ArgumentError('start needs --at TIME, such as --at 2026-11-22T14:05:00Z');
    const atMs = parseIso(at);
    if (atMs === undefined)
      throw new ArgumentError(`--at: found "${at}", expected a UTC time such as 2026-11-22T14:05:00Z`);
    if (atMs > Date.now()) throw new ArgumentError(`--at: found "${at}", which is in the future`);
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
async function begin({ app }: Input, exported: ExportSettings, atMs: number): Promise<string | undefined> {
  const store = await app.openStore();
  const newest = await newestPart(store, exported.name);
  if (newest !== undefined && newest.endMs > atMs) {
    return `not started: there are parts until ${formatIso(newest.endMs)}, start there, or delete them first`;
  }
  if (await app.start(exported, atMs)) return undefined;
  const found = await readWatermark(store, exported.name);
  const until = found === undefined ? '' : `, exported until ${formatIso(found.watermark.exportedUntilMs)}`;
  return `not started: it has a watermark already${until}`;
}
