import type { Span } from './hours.ts';
import { html, type Markup, NOTHING } from './markup.ts';
import { timeText } from './words.ts';

const HEIGHT = 40;

/** What the hours hold as bars, with the most and the usual in words; a line stands between days. */
export function chart(
  hours: readonly Span[],
  field: 'rows' | 'bytes',
  name: string,
  format: (count: number) => string,
): Markup {
  const known = hours.flatMap((hour) => (hour[field] === undefined ? [] : [{ atMs: hour.startMs, of: hour[field] }]));
  const most = known.reduce((best, hour) => (hour.of > best.of ? hour : best), { atMs: 0, of: 0 });
  const sorted = known.map(({ of }) => of).sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? 0;
  const said =
    most.of === 0
      ? 'nothing counted in these days'
      : `most ${format(most.of)} (${timeText(most.atMs)}), usually ${format(median)}`;
  return html`<figure><figcaption><b>${name}</b> <span>${said}</span></figcaption>
${most.of === 0 ? NOTHING : bars(hours, field, most.of, `${name}: ${said}`)}</figure>`;
}

function bars(hours: readonly Span[], field: 'rows' | 'bytes', most: number, label: string): Markup {
  const path = hours
    .flatMap((hour, index) => {
      const of = hour[field];
      if (!of) return [];
      // What is there is to be seen.
      const height = Math.max(0.6, (HEIGHT * of) / most).toFixed(1);
      return [`M${index} ${HEIGHT}v-${height}h1v${height}z`];
    })
    .join('');
  const days = hours.flatMap((_, index) => (index > 0 && index % 24 === 0 ? [`M${index} 0v${HEIGHT}`] : [])).join('');
  return html`<svg class="chart" role="img" aria-label="${label}" viewBox="0 0 ${hours.length} ${HEIGHT}"
  width="100%" preserveAspectRatio="none">
<path class="grid" d="${days}"/><path class="bars" d="${path}"/></svg>`;
}
