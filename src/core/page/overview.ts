import { formatDuration } from '../human.ts';
import { html, type Markup, NOTHING } from './markup.ts';
import { type Shown, stateOf } from './section.ts';
import { sample } from './states.ts';
import { plural, timeText } from './words.ts';

/** What is wrong, first of all; when nothing is, until when everything is complete. */
export function verdict(shown: readonly Shown[]): Markup {
  const all = shown.flatMap(({ status, wrong }) => wrong.map((each) => ({ name: status.export, ...each })));
  if (all.length === 0) return html`<h1>Nothing is wrong</h1><p class="lead">${lead(shown)}</p>`;
  const exports = new Set(all.map(({ name }) => name)).size;
  const items = all.map(
    ({ name, state, text }) => html`<li>${sample(state)}<p><a href="#export-${name}">${name}</a> ${text}</p></li>`,
  );
  return html`<h1>${plural(all.length, 'thing')} to look at, in ${plural(exports, 'export')}</h1>
<ul class="wrong">${items}</ul>`;
}

function lead(shown: readonly Shown[]): string {
  const begun = shown.filter(({ status }) => status.exportedUntilMs !== undefined);
  if (begun.length === 0) return 'Nothing has been exported yet.';
  const times = begun.flatMap(({ status }) => status.completeUntilMs ?? []);
  const all = plural(begun.length, 'export');
  if (times.length < begun.length) return `${all}; hours are not recounted (EXPORT_AUDIT_HOURS is 0).`;
  return `${all}, complete until ${timeText(Math.min(...times))}.`;
}

/** A table with its roles spelled out: where the page is narrow, its rows are laid out as blocks. */
export function overview(shown: readonly Shown[]): Markup {
  if (shown.length === 0) return NOTHING;
  const rows = shown.map((each) => {
    const { export: name, lagMs, completeUntilMs } = each.status;
    return html`<tr role="row"><th role="rowheader" scope="row"><a href="#export-${name}">${name}</a></th>
<td role="cell">${stateOf(each)}</td>
<td role="cell" class="number" data-label="lag">${lagMs === undefined ? '–' : formatDuration(lagMs)}</td>
<td role="cell" class="number" data-label="complete until">${
      completeUntilMs === undefined ? '–' : timeText(completeUntilMs)
    }</td></tr>
`;
  });
  return html`<section aria-labelledby="overview"><h2 id="overview">Exports</h2>
<table role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">export</th>
<th role="columnheader" scope="col">state</th><th role="columnheader" scope="col" class="number">lag</th>
<th role="columnheader" scope="col" class="number">complete until</th></tr></thead>
<tbody role="rowgroup">${rows}</tbody></table></section>`;
}
