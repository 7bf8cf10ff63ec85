import { formatBytes, formatDuration } from '../human.ts';
import type { BackfillProgress } from '../run.ts';
import type { ExportStatus } from '../status.ts';
import { DAY_MS, HOUR_MS } from '../window.ts';
import { chart } from './chart.ts';
import { daysOf, type Span } from './hours.ts';
import { html, type Markup, NOTHING } from './markup.ts';
import { strip } from './strip.ts';
import { agoText, countText, dayText, plural, timeText } from './words.ts';
import type { Wrong } from './wrong.ts';

/** One export as the page shows it. */
export interface Shown {
  readonly status: ExportStatus;
  /** The last days by hour, and those before. */
  readonly recent: readonly Span[];
  readonly earlier: readonly Span[];
  readonly wrong: readonly Wrong[];
}

export function section(shown: Shown, nowMs: number): Markup {
  const { status } = shown;
  const name = status.export;
  return html`<section id="export-${name}" aria-labelledby="name-${name}">
<h2 id="name-${name}">${name} ${stateOf(shown)}</h2>
${facts(status, nowMs)}
${status.exportedUntilMs === undefined ? NOTHING : pictures(shown)}
</section>`;
}

/** In a few words. */
export function stateOf({ status, wrong }: Shown): Markup {
  if (wrong.length > 0) return html`<span class="bad">${countText(wrong.length)} to look at</span>`;
  if (status.exportedUntilMs === undefined) return html`<span class="quiet">has not begun</span>`;
  return html`<span class="good">nothing wrong</span>`;
}

function pictures({ status, recent, earlier }: Shown): Markup {
  const first = earlier.findIndex(({ state }) => state !== 'before');
  // Rows of 24 days that begin before the export have nothing to show.
  const before = first < 0 ? [] : daysOf(earlier.slice(Math.floor(first / (24 * 24)) * 24 * 24));
  const days = [html`<h3>Days before</h3>`, strip(before, DAY_MS, `${status.export}, ${before.length} days before`)];
  const [startMs, endMs] = [recent[0]?.startMs ?? 0, recent.at(-1)?.startMs ?? 0];
  return html`<div class="pictures"><div>
<h3>Hour by hour</h3>
<div class="scale" aria-hidden="true"><span>00</span><span>06</span><span>12</span><span>18</span></div>
${strip(recent, HOUR_MS, `${status.export}, the last ${recent.length / 24} days`)}
${before.length === 0 ? NOTHING : days}
</div><div>
${chart(recent, 'rows', 'Rows an hour', countText)}
${chart(recent, 'bytes', 'Bytes an hour', formatBytes)}
<div class="axis" aria-hidden="true"><span>${dayText(startMs)}</span><span>${dayText(endMs)}</span></div>
</div></div>`;
}

function facts(status: ExportStatus, nowMs: number): Markup {
  const { lastPart, lagMs, completeUntilMs, exportedFromMs, exportedUntilMs } = status;
  const rows: [string, string, string][] = [];
  if (exportedUntilMs !== undefined && lagMs !== undefined) {
    rows.push(['Lag', formatDuration(lagMs), `watermark ${timeText(exportedUntilMs)}`]);
    rows.push(
      completeUntilMs === undefined
        ? ['Complete until', 'not known', 'hours are not recounted']
        : ['Complete until', timeText(completeUntilMs), agoText(completeUntilMs, nowMs)],
    );
  }
  if (lastPart !== undefined) {
    const size = `${plural(lastPart.rows, 'row')}, ${formatBytes(lastPart.bytes)}`;
    rows.push(['Last part', timeText(lastPart.startMs), size]);
  }
  if (exportedFromMs !== undefined) rows.push(['Begins', timeText(exportedFromMs), agoText(exportedFromMs, nowMs)]);
  rows.push(...status.backfills.map(backfillFact));
  const items = rows.map(
    ([name, value, more]) => html`<div><dt>${name}</dt><dd>${value} <small>${more}</small></dd></div>`,
  );
  return items.length === 0 ? NOTHING : html`<dl class="facts">${items}</dl>`;
}

function backfillFact({ fromMs, untilMs, exportedUntilMs }: BackfillProgress): [string, string, string] {
  const done = untilMs > fromMs ? Math.floor((100 * (exportedUntilMs - fromMs)) / (untilMs - fromMs)) : 100;
  return ['Backfill', `${Math.min(100, done)} %`, `${timeText(fromMs)} to ${timeText(untilMs)}`];
}
