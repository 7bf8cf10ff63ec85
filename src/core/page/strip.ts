import { formatBytes } from '../human.ts';
import { HOUR_MS } from '../window.ts';
import type { Span, State } from './hours.ts';
import { html, type Markup } from './markup.ts';
import { LOOKS, ORDER } from './states.ts';
import { countText, dayText, plural, rangeText } from './words.ts';

const COLUMNS = 24;
const PITCH = 18;
const CELL = 15;

/** Spans in rows of 24, the newest row on top, with the day of each row's first span before it, and in words below. */
export function strip(spans: readonly Span[], spanMs: number, about: string): Markup {
  const rows = Array.from({ length: Math.ceil(spans.length / COLUMNS) }, (_, row) =>
    spans.slice(row * COLUMNS, (row + 1) * COLUMNS),
  ).reverse();
  const cells = rows.flatMap((row, y) => row.map((span, x) => cell(span, spanMs, x, y)));
  const labels = rows.map((row) => html`<span>${dayText(row[0]?.startMs ?? 0)}</span>`);
  const height = rows.length * PITCH;
  const said = summary(spans, spanMs);
  return html`<div class="strip"><div class="days" aria-hidden="true">${labels}</div>
<svg class="cells" role="img" aria-label="${`${about}: ${said}`}" width="100%" height="${height}">
${cells}</svg></div>
<p class="note">${said.charAt(0).toUpperCase()}${said.slice(1)}.</p>`;
}

function cell(span: Span, spanMs: number, column: number, row: number): Markup {
  const x = ((100 * column) / COLUMNS).toFixed(3);
  return html`<use href="#${span.state}" x="${x}%" y="${row * PITCH}" width="3.6%" height="${CELL}"><title>${titleOf(
    span,
    spanMs,
  )}</title></use>
`;
}

/** `22 Nov 14:00 to 15:00: complete, 1,234 rows, 56.7 kB`. */
function titleOf({ startMs, state, rows, bytes = 0, late, counted }: Span, spanMs: number): string {
  const when = spanMs > HOUR_MS ? dayText(startMs) : rangeText(startMs, spanMs);
  const what = [LOOKS[state].label];
  if (rows) what.push(plural(rows, 'row'), formatBytes(bytes));
  if (late > 0) what.push(`${countText(late)} of them late`);
  if (state === 'fewer' || state === 'taken') what.push(`${countText(counted)} in Logs`);
  return `${when}: ${what.join(', ')}`;
}

/** `320 hours complete, 3 late rows found`, of what has been exported or should have been. */
function summary(spans: readonly Span[], spanMs: number): string {
  const noun = spanMs > HOUR_MS ? 'day' : 'hour';
  const counts = new Map<State, number>();
  for (const { state } of spans) counts.set(state, (counts.get(state) ?? 0) + 1);
  const said = ORDER.filter((state) => state !== 'before' && state !== 'pending' && counts.has(state)).map(
    (state) => `${countText(counts.get(state) ?? 0)} ${LOOKS[state].label}`,
  );
  return said.length === 0 ? `no ${noun}s yet` : `${noun}s: ${said.join(', ')}`;
}
