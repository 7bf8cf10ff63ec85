import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatCount, formatDuration, formatTable } from '../core/human.ts';
import { formatPage, PAGE_DAYS } from '../core/page/page.ts';
import { messageOf } from '../core/reason.ts';
import type { BackfillProgress } from '../core/run.ts';
import { type Expected, type ExportStatus, readStatus, toRecord } from '../core/status.ts';
import { formatIso } from '../core/window.ts';
import { intervalOf } from '../settings/schedule.ts';
import type { ExportSettings } from '../settings/settings.ts';
import type { Input, Options, Verb } from './verb.ts';

const OPTIONS = {
  html: { type: 'string', value: 'FILE', help: 'write a page with every hour of the last two weeks, and days before' },
} as const satisfies Options;

export const status: Verb<typeof OPTIONS> = {
  name: 'status',
  summary: 'show how far each export is, and what is wrong',
  help: `For each export: the watermark (everything ingested before it has been exported), how long ago that is, until when
everything has been recounted in Logs, the newest part with its rows, backfills, and what is wrong. Reads the sink only,
not Logs.

--html writes one page that needs nothing else, no script and no network: the same, and what the recount of each hour has
found. It reads one file a day and export.

Exit code: 0 nothing is wrong (an export that has not begun is not), 1 something is, 2 wrong settings or arguments.`,
  options: OPTIONS,
  async execute(input) {
    const { app, options, exports, holder } = input;
    const sink = await app.openSink();
    const nowMs = Date.now();
    const days = options.html === undefined ? 0 : PAGE_DAYS;
    const states = await Promise.all(
      exports.map((exported) => readStatus(sink, expected(input, exported), holder, nowMs, days)),
    );
    input.print(formatTable(table(states)), states.map(toRecord));
    if (options.html !== undefined) await writePage(options.html, formatPage(states, nowMs), input);
    return states.some(({ problems }) => problems.length > 0) ? 1 : 0;
  },
};

async function writePage(file: string, page: string, { terminal }: Pick<Input, 'terminal'>): Promise<void> {
  await writeFile(file, page).catch((cause: unknown) => {
    throw new Error(`--html: ${file} cannot be written: ${messageOf(cause)}`, { cause });
  });
  terminal.log.info(`the page is in ${resolve(file)}`);
}

function expected({ app }: Pick<Input, 'app'>, { name, source, schedule }: ExportSettings): Expected {
  const { lagMs, auditMs } = app.settings;
  return { name, source, intervalMs: intervalOf(schedule), lagMs, auditMs };
}

function table(states: readonly ExportStatus[]): string[][] {
  const time = (ms: number | undefined) => (ms === undefined ? '-' : formatIso(ms));
  const rows = states.map(
    ({ export: name, exportedUntilMs, lagMs, completeUntilMs, lastPart, backfills, problems }) => [
      name,
      time(exportedUntilMs),
      lagMs === undefined ? '-' : formatDuration(lagMs),
      time(completeUntilMs),
      lastPart === undefined ? '-' : `${formatIso(lastPart.startMs)} (${formatCount(lastPart.rows, 'row')})`,
      [
        problems.join('; ') || (exportedUntilMs === undefined ? 'has not begun' : 'ok'),
        ...backfills.map(describe),
      ].join('; '),
    ],
  );
  return [['EXPORT', 'WATERMARK', 'LAG', 'COMPLETE UNTIL', 'LAST PART', 'STATE'], ...rows];
}

function describe({ fromMs, untilMs, exportedUntilMs }: BackfillProgress): string {
  const range = `backfill of ${formatIso(fromMs)} to ${formatIso(untilMs)}`;
  if (exportedUntilMs >= untilMs) return `${range} is exported, and not recounted yet`;
  return `${range}: ${Math.floor((100 * (exportedUntilMs - fromMs)) / (untilMs - fromMs))} %`;
}
